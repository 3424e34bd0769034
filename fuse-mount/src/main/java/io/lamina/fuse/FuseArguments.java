package io.lamina.fuse;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;

/** A {@code struct fuse_args}: count, array of strings, whether libfuse made the array. */
final class FuseArguments {
  private static final int STRUCT_BYTES = 24;
  private static final int ARRAY_AT = 8;

  private final List<Pointer> strings = new ArrayList<>();
  private final Pointer array;
  private final Pointer struct;

  FuseArguments(String... arguments) {
    for (String argument : arguments) {
      strings.add(NativeCode.text(argument));
    }
    array = memory((strings.size() + 1) * Long.BYTES);
    for (int i = 0; i < strings.size(); i++) {
      array.putPointer((long) i * Long.BYTES, strings.get(i));
    }
    struct = memory(STRUCT_BYTES);
    struct.putInt(0, strings.size());
    struct.putPointer(ARRAY_AT, array);
  }

  private static Pointer memory(int byteCount) {
    return NativeCode.runtime().getMemoryManager().allocateDirect(byteCount, true);
  }

  /** Valid as long as this object is reachable. */
  Pointer pointer() {
    return struct;
  }
}
