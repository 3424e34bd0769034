package io.lamina.layer;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** A tree written down, to be compared: of each file all but what differs from store to store. */
final class SeenTree {
  private final SortedMap<String, String> files = new TreeMap<>();
  private final long latestTime;

  private SeenTree(long latestTime) {
    this.latestTime = latestTime;
  }

  static SortedMap<String, String> of(FileTree tree) throws IOException {
    return of(tree, Long.MAX_VALUE);
  }

  /** The same; times after a moment, in seconds, are as good as each other. */
  static SortedMap<String, String> of(FileTree tree, long latestTime) throws IOException {
    SeenTree seen = new SeenTree(latestTime);
    seen.add("", tree.root());
    return seen.files;
  }

  private void add(String path, Node node) throws IOException {
    Attributes attributes = node.attributes();
    StringBuilder line = new StringBuilder(attributes.type() + " ");
    line.append(Integer.toOctalString(attributes.permissions())).append(' ');
    line.append(attributes.userId()).append(':').append(attributes.groupId());
    line.append(' ').append(attributes.deviceMajor()).append(',').append(attributes.deviceMinor());
    if (!attributes.isDirectory()) {
      long time = attributes.modificationTime().seconds();
      line.append(" time ").append(time > latestTime ? "now" : Long.toString(time));
    }
    for (Name xattr : node.xattrNames().stream().sorted().toList()) {
      byte @Nullable [] value = node.xattr(xattr);
      line.append(' ').append(xattr).append('=').append(value == null ? 0 : value.length);
    }
    if (attributes.type() == FileType.SYMLINK) {
      line.append(" -> ").append(node.readLink());
    } else if (attributes.type() == FileType.REGULAR) {
      line.append(' ').append(attributes.size()).append(' ').append(checksum(node));
    }
    files.put(path, line.toString());
    if (attributes.isDirectory()) {
      List<Name> names = new ArrayList<>();
      node.list(0, (name, inodeNr, type, next) -> names.add(name));
      for (Name name : names) {
        @Nullable Node child = node.child(name);
        if (child != null) {
          add(path + "/" + name, child);
        }
      }
    }
  }

  private static String checksum(Node node) throws IOException {
    CRC32 checksum = new CRC32();
    try (OpenFile open = node.open()) {
      byte[] piece = new byte[1 << 16];
      long offset = 0;
      int count = open.read(0, ByteBuffer.wrap(piece));
      while (count > 0) {
        checksum.update(piece, 0, count);
        offset += count;
        count = open.read(offset, ByteBuffer.wrap(piece));
      }
    }
    return Long.toHexString(checksum.getValue());
  }
}
