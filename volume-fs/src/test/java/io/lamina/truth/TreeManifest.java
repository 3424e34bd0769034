package io.lamina.truth;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Timestamp;
import io.lamina.images.Manifest;
import io.lamina.images.ManifestEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes down a tree as manifests do, every field of every file. */
public final class TreeManifest {
  private static final long SEGMENTS_ABOVE_BYTES = 256 << 20;
  private static final Map<FileType, Character> LETTERS =
      Map.of(
          FileType.REGULAR, 'f',
          FileType.DIRECTORY, 'd',
          FileType.SYMLINK, 'l',
          FileType.FIFO, 'p',
          FileType.SOCKET, 's',
          FileType.CHARACTER_DEVICE, 'c',
          FileType.BLOCK_DEVICE, 'b');

  private final List<ManifestEntry> entries = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 20);

  private TreeManifest() {}

  private record Directory(String path, Node node) {}

  /** Writes down a whole tree. */
  public static Manifest of(Node root) throws IOException {
    TreeManifest manifest = new TreeManifest();
    Deque<Directory> directories = new ArrayDeque<>();
    manifest.entries.add(manifest.entry("/", root, root.attributes()));
    directories.add(new Directory("", root));
    while (!directories.isEmpty()) {
      manifest.walk(directories.remove(), directories);
    }
    return Manifest.of(manifest.entries);
  }

  private void walk(Directory directory, Deque<Directory> directories) throws IOException {
    List<Name> names = new ArrayList<>();
    Map<Name, Long> inodes = new TreeMap<>();
    Map<Name, FileType> types = new TreeMap<>();
    directory.node.list(
        0,
        (name, inodeNr, type, nextCookie) -> {
          names.add(name);
          inodes.put(name, inodeNr);
          types.put(name, type);
          return true;
        });
    for (Name name : names) {
      String path = directory.path + "/" + name.latin1();
      Node node = directory.node.child(name);
      if (node == null) {
        throw new IOException(path + " is listed and cannot be looked up");
      }
      Attributes attributes = node.attributes();
      if (attributes.inodeNr() != inodes.get(name) || attributes.type() != types.get(name)) {
        throw new IOException(path + " is listed as another file than it is");
      }
      entries.add(entry(path, node, attributes));
      if (attributes.isDirectory()) {
        directories.add(new Directory(path, node));
      }
    }
  }

  private ManifestEntry entry(String path, Node node, Attributes attributes) throws IOException {
    FileType type = attributes.type();
    boolean isFile = type == FileType.REGULAR;
    boolean isDevice = type == FileType.CHARACTER_DEVICE || type == FileType.BLOCK_DEVICE;
    boolean isLong = isFile && attributes.size() > SEGMENTS_ABOVE_BYTES;
    return new ManifestEntry(
        path,
        LETTERS.get(type),
        attributes.permissions(),
        attributes.userId(),
        attributes.groupId(),
        attributes.size(),
        attributes.linkCount(),
        attributes.inodeNr(),
        instant(attributes.accessTime()),
        instant(attributes.modificationTime()),
        instant(attributes.changeTime()),
        attributes.sectorCount(),
        isDevice ? attributes.deviceMajor() + ":" + attributes.deviceMinor() : null,
        type == FileType.SYMLINK ? node.readLink().latin1() : null,
        isFile || attributes.isDirectory() ? node.flags() : null,
        isFile && !isLong ? sha256(node) : null,
        isLong ? segments(node) : null,
        xattrs(node));
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.seconds(), time.nanos());
  }

  private static SortedMap<String, byte[]> xattrs(Node node) throws IOException {
    SortedMap<String, byte[]> xattrs = new TreeMap<>();
    for (Name name : node.xattrNames()) {
      byte @Nullable [] value = node.xattr(name);
      if (value == null) {
        throw new IOException(name + " is listed and has no value");
      }
      xattrs.put(name.latin1(), value);
    }
    return xattrs;
  }

  private String sha256(Node node) throws IOException {
    try (OpenFile file = node.open()) {
      return sha256(file, 0, file.size());
    }
  }

  private List<ManifestEntry.Segment> segments(Node node) throws IOException {
    List<ManifestEntry.Segment> segments = new ArrayList<>();
    try (OpenFile file = node.open()) {
      for (long at = file.nextData(0); at < file.size(); ) {
        long end = file.nextHole(at);
        segments.add(new ManifestEntry.Segment(at, end - at, sha256(file, at, end)));
        at = file.nextData(end);
      }
    }
    return segments;
  }

  private String sha256(OpenFile file, long from, long to) throws IOException {
    MessageDigest digest = digest();
    for (long at = from; at < to; ) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), to - at));
      int count = file.read(at, buffer);
      if (count <= 0) {
        throw new IOException("ends at " + at + " instead of " + to);
      }
      digest.update(buffer.array(), 0, count);
      at += count;
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
