package io.lamina.fuse;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;

/** A command line as C has it: an array of strings. */
final class Arguments {
  private final List<Pointer> strings;
  private final Pointer array;

  Arguments(List<Pointer> strings) {
    this.strings = new ArrayList<>(strings);
    array = NativeCode.memory((strings.size() + 1) * Long.BYTES);
    for (int i = 0; i < strings.size(); i++) {
      array.putPointer((long) i * Long.BYTES, strings.get(i));
    }
  }

  int count() {
    return strings.size();
  }

  /** Valid as long as this object is reachable. */
  Pointer array() {
    return array;
  }
}
