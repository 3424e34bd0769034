package io.lamina.ext4;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileTree;
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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes down everything that a tree shows, as manifests do. */
final class SeenTree {
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

  private SeenTree() {}

  static Manifest manifest(FileTree tree) throws IOException {
    SeenTree seen = new SeenTree();
    seen.add("", tree.root());
    return Manifest.of(seen.entries);
  }

  private record Listed(Name name, long inodeNr, FileType type) {}

  private void add(String path, Node node) throws IOException {
    Attributes attributes = node.attributes();
    FileType type = attributes.type();
    boolean isDevice = type == FileType.CHARACTER_DEVICE || type == FileType.BLOCK_DEVICE;
    boolean hasFlags = type == FileType.REGULAR || type == FileType.DIRECTORY;
    entries.add(
        new ManifestEntry(
            path.isEmpty() ? "/" : path,
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
            hasFlags ? node.flags() : null,
            type == FileType.REGULAR ? sha256(node) : null,
            null,
            xattrs(node)));
    if (type == FileType.DIRECTORY) {
      addChildren(path, node);
    }
  }

  private void addChildren(String path, Node directory) throws IOException {
    List<Listed> listed = new ArrayList<>();
    directory.list(0, (name, inodeNr, type, next) -> listed.add(new Listed(name, inodeNr, type)));
    for (Listed one : listed) {
      Node child = directory.child(one.name());
      if (child == null) {
        throw new IOException(path + "/" + one.name() + " is listed, but not found");
      }
      if (child.attributes().inodeNr() != one.inodeNr()
          || child.attributes().type() != one.type()) {
        throw new IOException(path + "/" + one.name() + " is listed as " + one);
      }
      add(path + "/" + one.name().latin1(), child);
    }
  }

  private static SortedMap<String, byte[]> xattrs(Node node) throws IOException {
    SortedMap<String, byte[]> xattrs = new TreeMap<>();
    for (Name name : node.xattrNames()) {
      xattrs.put(name.latin1(), node.xattr(name));
    }
    return xattrs;
  }

  private static String sha256(Node node) throws IOException {
    try (OpenFile file = node.open()) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer buffer = ByteBuffer.allocate(100_000);
      long at = 0;
      for (int count = file.read(0, buffer); count > 0; count = file.read(at, buffer)) {
        digest.update(buffer.flip());
        buffer.clear();
        at += count;
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.seconds(), time.nanos());
  }
}
