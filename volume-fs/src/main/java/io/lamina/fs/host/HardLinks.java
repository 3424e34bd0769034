package io.lamina.fs.host;

import io.lamina.fs.Attributes;
import io.lamina.fs.Name;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Files with several names: where the copy has the first, until the last has come by. */
final class HardLinks {
  private final Map<Long, First> firsts = new HashMap<>();

  /** A first name, and how many others may still come. */
  private record First(HostDirectory directory, Name name, int namesLeft) {}

  /** Makes another name of a file that was copied before; false where it was not. */
  boolean link(Attributes attributes, HostDirectory directory, Name name) throws IOException {
    First first = isLinked(attributes) ? firsts.get(attributes.inodeNr()) : null;
    if (first == null) {
      return false;
    }
    directory.link(name, first.directory, first.name);
    if (first.namesLeft == 1) {
      firsts.remove(attributes.inodeNr());
    } else {
      firsts.put(attributes.inodeNr(), new First(first.directory, first.name, first.namesLeft - 1));
    }
    return true;
  }

  /** Remembers a file that has just got its first name. */
  void made(Attributes attributes, HostDirectory directory, Name name) {
    if (isLinked(attributes)) {
      firsts.put(attributes.inodeNr(), new First(directory, name, attributes.linkCount() - 1));
    }
  }

  private static boolean isLinked(Attributes attributes) {
    return attributes.linkCount() > 1 && !attributes.isDirectory();
  }
}
