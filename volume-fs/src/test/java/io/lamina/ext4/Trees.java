package io.lamina.ext4;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Looks at trees from outside: resolves a path, lists, reads. */
final class Trees {
  private Trees() {}

  /** The file at a path from the root, its names between slashes; null where there is none. */
  static Node find(FileTree tree, String path) throws IOException {
    Node node = tree.root();
    for (String name : path.split("/", -1)) {
      if (!name.isEmpty() && node != null) {
        node = node.child(Name.of(name));
      }
    }
    return node;
  }

  /** The names in a directory, asked for a few at a time. */
  static List<Name> names(Node directory) throws IOException {
    List<Name> names = new ArrayList<>();
    long[] cookie = {0};
    int before = -1;
    while (before < names.size()) {
      before = names.size();
      int most = before + 3;
      directory.list(
          cookie[0],
          (name, inodeNr, type, next) -> {
            if (names.size() == most) {
              return false;
            }
            names.add(name);
            cookie[0] = next;
            return true;
          });
    }
    return names;
  }

  static byte[] content(Node file) throws IOException {
    try (OpenFile open = file.open()) {
      ByteBuffer bytes = ByteBuffer.allocate((int) open.size() + 1);
      while (open.read(bytes.position(), bytes) > 0) {}
      return java.util.Arrays.copyOf(bytes.array(), bytes.position());
    }
  }
}
