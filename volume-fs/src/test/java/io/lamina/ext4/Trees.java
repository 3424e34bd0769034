package io.lamina.ext4;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** Looks at trees from outside: resolves a path, writes a whole tree down. */
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

  /** A tree as one line a file: what it is, and what is in it. */
  static SortedMap<String, String> describe(FileTree tree) throws IOException {
    SortedMap<String, String> lines = new TreeMap<>();
    describe(tree.root(), "", lines, new HashMap<>());
    return lines;
  }

  private static void describe(
      Node node, String path, SortedMap<String, String> lines, Map<Long, String> first)
      throws IOException {
    Attributes attributes = node.attributes();
    String what =
        switch (attributes.type()) {
          case DIRECTORY -> "directory";
          case SYMLINK -> "link to " + node.readLink().latin1();
          case REGULAR -> file(content(node));
          default ->
              attributes.type() + " " + attributes.deviceMajor() + ":" + attributes.deviceMinor();
        };
    String same =
        attributes.type() == FileType.DIRECTORY || attributes.linkCount() == 1
            ? ""
            : " linked with " + first.computeIfAbsent(attributes.inodeNr(), nr -> path);
    lines.put(
        path, line(attributes.permissions(), what, attributes.modificationTime().seconds()) + same);
    if (attributes.isDirectory()) {
      for (Name name : names(node)) {
        Node child = node.child(name);
        if (child == null) {
          throw new IOException(path + "/" + name + " is listed, but not found");
        }
        if (!name.equals(Name.of("lost+found"))) {
          describe(child, path + "/" + name.latin1(), lines, first);
        }
      }
    }
  }

  private static String line(int permissions, String what, long seconds) {
    return String.format("%04o %s at %d", permissions, what, seconds);
  }

  private static String file(byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content);
    return content.length + " bytes, crc " + crc.getValue();
  }

  /** The same for a directory of the host, without pipes and devices. */
  static SortedMap<String, String> describe(Path root) throws IOException {
    SortedMap<String, String> lines = new TreeMap<>();
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.sorted().toList();
    }
    Map<Object, String> first = new HashMap<>();
    for (Path path : paths) {
      Map<String, Object> stat = Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
      String relative = path.equals(root) ? "" : "/" + root.relativize(path);
      boolean isDirectory = (boolean) stat.get("isDirectory");
      String what =
          isDirectory
              ? "directory"
              : (boolean) stat.get("isSymbolicLink")
                  ? "link to " + Files.readSymbolicLink(path)
                  : file(Files.readAllBytes(path));
      String same =
          isDirectory || (int) stat.get("nlink") == 1
              ? ""
              : " linked with " + first.computeIfAbsent(stat.get("ino"), nr -> relative);
      long seconds =
          Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toInstant().getEpochSecond();
      lines.put(relative, line((int) stat.get("mode") & 0xfff, what, seconds) + same);
    }
    return lines;
  }

  /** Touches everything in a tree, whatever fails on the way; at most so many bytes of a file. */
  static int walkDamaged(FileTree tree, int fileBytes) throws IOException {
    return walkDamaged(tree.root(), fileBytes, 0);
  }

  private static int walkDamaged(Node node, int fileBytes, int depth) {
    int failures = 0;
    failures += attempt(node::attributes);
    failures += attempt(node::flags);
    failures += attempt(node::readLink);
    failures += attempt(() -> readAll(node, fileBytes));
    List<Name> names = new ArrayList<>();
    failures +=
        attempt(
            () -> {
              for (Name name : node.xattrNames()) {
                node.xattr(name);
              }
            });
    failures +=
        attempt(
            () ->
                node.list(
                    0,
                    (name, inodeNr, type, next) -> {
                      names.add(name);
                      return names.size() < 1000;
                    }));
    if (depth < 8) {
      for (Name name : names) {
        failures +=
            attempt(
                () -> {
                  Node child = node.child(name);
                  if (child != null) {
                    walkDamaged(child, fileBytes, depth + 1);
                  }
                });
      }
    }
    return failures;
  }

  private static void readAll(Node node, int fileBytes) throws IOException {
    try (OpenFile file = node.open()) {
      ByteBuffer target = ByteBuffer.allocate(fileBytes);
      file.read(0, target);
      target.clear().limit(1024);
      file.read(Math.max(0, file.size() - 1000), target);
      file.nextHole(file.nextData(0));
      file.nextData(file.nextHole(0));
    }
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static int attempt(Attempt attempt) {
    try {
      attempt.run();
      return 0;
    } catch (FsException e) {
      return 0;
    } catch (IOException e) {
      return 1;
    }
  }
}
