package io.lamina.ext4;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** Compares a volume's tree with the host's, file by file. */
final class TreeDifference {
  private TreeDifference() {}

  /** Throws an AssertionError that says where the first difference is. */
  static void requireSame(String path, Node mine, Node host) throws IOException {
    Attributes seen = mine.attributes();
    Attributes right = host.attributes();
    require(path + ": type", right.type(), seen.type());
    require(path + ": permissions", right.permissions(), seen.permissions());
    require(path + ": user", right.userId(), seen.userId());
    require(path + ": group", right.groupId(), seen.groupId());
    require(path + ": major", right.deviceMajor(), seen.deviceMajor());
    require(path + ": minor", right.deviceMinor(), seen.deviceMinor());
    if (TwinWalk.isSet(seen) || TwinWalk.isSet(right)) {
      require(path + ": mtime", right.modificationTime(), seen.modificationTime());
    }
    if (right.type() == FileType.REGULAR || right.type() == FileType.DIRECTORY) {
      requireSameXattrs(path, mine, host);
    }
    if (right.type() == FileType.DIRECTORY) {
      requireSameChildren(path, mine, host);
      return;
    }
    require(path + ": links", right.linkCount(), seen.linkCount());
    if (right.type() == FileType.SYMLINK) {
      require(path + ": target", host.readLink(), mine.readLink());
    } else if (right.type() == FileType.REGULAR) {
      try (OpenFile opened = mine.open();
          OpenFile theirs = host.open()) {
        requireSameContent(path, opened, theirs);
      }
    }
  }

  private static void requireSameChildren(String path, Node mine, Node host) throws IOException {
    SortedMap<String, Name> seen = names(mine);
    SortedMap<String, Name> right = names(host);
    require(path + ": names", right.keySet(), seen.keySet());
    for (Name name : right.values()) {
      Node child = mine.child(name);
      Node theirs = host.child(name);
      if (child == null || theirs == null) {
        throw new AssertionError(path + "/" + name + " is listed, but not found");
      }
      requireSame(path + "/" + name, child, theirs);
    }
  }

  private static SortedMap<String, Name> names(Node directory) throws IOException {
    SortedMap<String, Name> names = new TreeMap<>();
    directory.list(
        0,
        (name, inodeNr, type, next) -> {
          if (!name.latin1().equals("lost+found") && names.put(name.latin1(), name) != null) {
            throw new AssertionError(name + " is listed twice");
          }
          return true;
        });
    names.remove(".");
    names.remove("..");
    return names;
  }

  private static void requireSameXattrs(String path, Node mine, Node host) throws IOException {
    require(path + ": xattrs", walkedXattrs(host), walkedXattrs(mine));
    for (Name name : mine.xattrNames()) {
      if (isWalked(name) && !Arrays.equals(mine.xattr(name), host.xattr(name))) {
        throw new AssertionError(path + ": value of " + name);
      }
    }
  }

  private static List<String> walkedXattrs(Node node) throws IOException {
    return node.xattrNames().stream()
        .filter(TreeDifference::isWalked)
        .map(Name::latin1)
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  private static boolean isWalked(Name name) {
    return name.latin1().startsWith("user.") || name.latin1().startsWith("system.posix_acl_");
  }

  static void requireSameContent(String path, OpenFile mine, OpenFile host) throws IOException {
    require(path + ": size", host.size(), mine.size());
    ByteBuffer seen = ByteBuffer.allocate((int) host.size());
    ByteBuffer right = ByteBuffer.allocate((int) host.size());
    mine.read(0, seen);
    host.read(0, right);
    require(path + ": first byte that differs", -1, seen.flip().mismatch(right.flip()));
    long hole = mine.nextHole(0);
    long data = mine.nextData(hole);
    while (hole < data) { // what is said to be a hole reads as zeroes on the host too
      for (long at = hole; at < data; at++) {
        if (right.get((int) at) != 0) {
          throw new AssertionError(path + ": byte " + at + " lies in a hole here");
        }
      }
      hole = mine.nextHole(data);
      data = mine.nextData(hole);
    }
  }

  private static void require(String what, Object right, Object seen) {
    if (!Objects.equals(right, seen)) {
      throw new AssertionError(what + ": " + seen + " here, " + right + " on the host");
    }
  }
}
