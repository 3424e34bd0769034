package io.lamina.layer.union;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is seen of files, in the words of the scenarios. */
final class Told {
  /** Files made by a script are older, files made by a run are younger. */
  private static final long NOW_FROM_SECONDS = 1577836800;

  static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Told() {}

  static JsonNode name(Name name) {
    try {
      return TextNode.valueOf(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name.bytes())).toString());
    } catch (CharacterCodingException e) {
      return JSON.objectNode().put("hex", HexFormat.of().formatHex(name.bytes()));
    }
  }

  static JsonNode content(byte[] bytes) {
    return bytes.length <= 64
        ? TextNode.valueOf(new String(bytes, StandardCharsets.ISO_8859_1))
        : JSON.objectNode().put("len", bytes.length).put("sha256", sha256(bytes));
  }

  static ObjectNode attributes(Attributes a) {
    ObjectNode told =
        JSON.objectNode()
            .put("type", type(a.type()))
            .put("mode", String.format("%04o", a.permissions()))
            .put("uid", a.userId())
            .put("gid", a.groupId())
            .put("nlink", a.linkCount());
    Timestamp time = a.modificationTime();
    if (time.seconds() >= NOW_FROM_SECONDS) {
      told.put("mtime", "now");
    } else {
      told.put("mtime", time.seconds() * 1_000_000_000 + time.nanos());
    }
    if (a.type() == FileType.CHARACTER_DEVICE || a.type() == FileType.BLOCK_DEVICE) {
      told.put("rdev", a.deviceMajor() + ":" + a.deviceMinor());
    }
    return told;
  }

  private static String type(FileType type) {
    return switch (type) {
      case REGULAR -> "f";
      case DIRECTORY -> "d";
      case SYMLINK -> "l";
      case FIFO -> "p";
      case SOCKET -> "s";
      case CHARACTER_DEVICE -> "c";
      case BLOCK_DEVICE -> "b";
    };
  }

  /** A whole tree, by path; files of one inode have the first path of theirs as {@code hl}. */
  static Map<String, JsonNode> tree(Node root) throws IOException {
    Map<String, JsonNode> told = new TreeMap<>();
    file(root, "", told, new HashMap<>());
    return told;
  }

  private static void file(
      Node node, String path, Map<String, JsonNode> all, Map<Long, String> links)
      throws IOException {
    Attributes attributes = node.attributes();
    ObjectNode told = attributes(attributes);
    all.put(path.isEmpty() ? "/" : path, told);
    if (!attributes.isDirectory() && attributes.linkCount() > 1) {
      told.put("hl", links.computeIfAbsent(attributes.inodeNr(), nr -> path));
    }
    switch (attributes.type()) {
      case REGULAR -> told.put("size", attributes.size()).put("sha256", sha256(read(node)));
      case SYMLINK -> {
        told.put("size", attributes.size());
        told.set("target", name(node.readLink()));
      }
      case DIRECTORY -> {
        Set<Name> names = new TreeSet<>();
        node.list(0, (name, inodeNr, type, next) -> names.add(name));
        for (Name name : names) {
          entry(node, name, path + "/" + text(name), all, links);
        }
      }
      default -> {}
    }
    ObjectNode xattrs = JSON.objectNode();
    for (Name name : new TreeSet<>(node.xattrNames())) {
      xattrs.put(name.toString(), HexFormat.of().formatHex(node.xattr(name)));
    }
    if (!xattrs.isEmpty()) {
      told.set("xattrs_hex", xattrs);
    }
  }

  private static void entry(
      Node directory, Name name, String path, Map<String, JsonNode> all, Map<Long, String> links)
      throws IOException {
    try {
      Node child = directory.child(name);
      if (child == null) {
        all.put(path, JSON.objectNode().put("lstat_err", "ENOENT"));
      } else {
        file(child, path, all, links);
      }
    } catch (FsException e) {
      all.put(path, JSON.objectNode().put("lstat_err", e.errno().name()));
    }
  }

  /** A name in a path: as UTF-8 where it is. */
  private static String text(Name name) {
    JsonNode told = name(name);
    return told.isTextual() ? told.asText() : "\\x" + told.get("hex").asText();
  }

  /** A tree as the scenarios wrote it down, in the same form. */
  static Map<String, JsonNode> tree(JsonNode list) {
    Map<String, JsonNode> told = new TreeMap<>();
    Map<Integer, String> links = new HashMap<>();
    for (JsonNode one : list) {
      ObjectNode entry = one.deepCopy();
      String path =
          entry.has("path") ? entry.remove("path").asText() : hexPath(entry.remove("path_hex"));
      if (entry.has("hl")) {
        entry.put("hl", links.computeIfAbsent(entry.get("hl").asInt(), nr -> path));
      }
      told.put(path, entry);
    }
    return told;
  }

  private static String hexPath(JsonNode hex) {
    String path = new String(HexFormat.of().parseHex(hex.asText()), StandardCharsets.ISO_8859_1);
    StringBuilder text = new StringBuilder();
    for (String part : path.substring(1).split("/", -1)) {
      text.append('/').append(text(Name.ofLatin1(part)));
    }
    return text.toString();
  }

  static byte[] read(Node node) throws IOException {
    try (OpenFile file = node.open()) {
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      file.read(0, bytes);
      return bytes.array();
    }
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
