package io.lamina.layer;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The room of all files below a directory, each counted once, whatever names it has.
 *
 * @param apparentBytes lengths of its regular files
 * @param takenBytes space that they and all others take
 */
record TreeSize(long apparentBytes, long takenBytes) {
  private static final int SECTOR_BYTES = 512;

  static TreeSize of(Node root) throws IOException {
    long apparent = 0;
    long taken = root.attributes().sectorCount() * SECTOR_BYTES;
    Set<Long> seen = new HashSet<>();
    Deque<Node> directories = new ArrayDeque<>(List.of(root));
    while (!directories.isEmpty()) {
      Node directory = directories.pop();
      List<Name> names = new ArrayList<>();
      directory.list(0, (name, inodeNr, type, next) -> names.add(name));
      for (Name name : names) {
        @Nullable Node file = directory.child(name);
        Attributes attributes = file == null ? null : file.attributes();
        if (file == null || attributes == null) {
          continue; // gone meanwhile
        }
        if (attributes.isDirectory()) {
          directories.push(file);
        } else if (attributes.linkCount() > 1 && !seen.add(attributes.inodeNr())) {
          continue;
        }
        apparent += attributes.type() == FileType.REGULAR ? attributes.size() : 0;
        taken += attributes.sectorCount() * SECTOR_BYTES;
      }
    }
    return new TreeSize(apparent, taken);
  }
}
