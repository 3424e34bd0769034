package io.lamina.layer.union;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.lamina.fs.AllocationMode;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.Timestamp;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs the operations of a scenario on a tree, as root, and tells what they gave. */
final class Operations {
  private static final Owner ROOT = new Owner(0, 0);
  private static final Map<String, FileType> KINDS =
      Map.of(
          "f", FileType.REGULAR,
          "p", FileType.FIFO,
          "s", FileType.SOCKET,
          "c", FileType.CHARACTER_DEVICE,
          "b", FileType.BLOCK_DEVICE);

  private final FileTree tree;
  private final PathWalk paths;
  private final Map<String, Handle> handles = new HashMap<>();
  private final Map<Long, String> aliases = new HashMap<>();
  private int umask;

  Operations(FileTree tree) throws IOException {
    this.tree = tree;
    this.paths = new PathWalk(tree.root());
  }

  private record Handle(
      Node node,
      OpenFile file,
      Node.Hold hold,
      boolean readable,
      boolean writable,
      boolean appends) {}

  /** Runs them all; one result each. */
  List<JsonNode> run(JsonNode operations) throws IOException {
    List<JsonNode> results = new ArrayList<>();
    for (JsonNode operation : operations) {
      results.add(run1(operation));
    }
    for (String handle : Set.copyOf(handles.keySet())) {
      close(handle);
    }
    return results;
  }

  private JsonNode run1(JsonNode op) throws IOException {
    String name = op.get(0).asText();
    boolean needsHandle = name.startsWith("h") || name.equals("close");
    if (needsHandle && !handles.containsKey(op.get(1).asText())) {
      return Told.JSON.objectNode().put("err", "NOHANDLE");
    }
    try {
      return Told.JSON.objectNode().set("ok", needsHandle ? onHandle(name, op) : onPath(name, op));
    } catch (FsException e) {
      return Told.JSON.objectNode().put("err", e.errno().name());
    }
  }

  private JsonNode onPath(String name, JsonNode op) throws IOException {
    switch (name) {
      case "umask" -> umask = op.get(1).asInt();
      case "mkdir" -> // the kernel asks no file system for a set-group bit
          make(op, FileType.DIRECTORY, (op.has(2) ? op.get(2).asInt() : 0755) & 01777);
      case "rmdir" -> {
        PathWalk.Place at = place(op, 1);
        at.directory().removeDirectory(at.name());
      }
      case "unlink" -> {
        PathWalk.Place at = place(op, 1);
        at.directory().unlink(at.name());
      }
      case "rename" -> rename(op, RenameMode.REPLACE);
      case "renameat2" -> rename(op, renameMode(op.get(3).asInt()));
      case "link" -> {
        Node source = paths.file(path(op, 1), false);
        PathWalk.Place at = place(op, 2);
        at.directory().link(at.name(), source);
      }
      case "symlink" -> {
        PathWalk.Place at = place(op, 2);
        at.directory().createSymlink(at.name(), path(op, 1), ROOT);
      }
      case "mknod" -> mknod(op);
      case "create" ->
          create(
              path(op, 1),
              op.has(2) ? op.get(2) : TextNode.valueOf(""),
              op.has(3) ? op.get(3).asInt() : 0644);
      case "many" -> {
        for (int i = op.get(3).asInt(); i < op.get(4).asInt(); i++) {
          create(many(op, i), op.has(5) ? op.get(5) : TextNode.valueOf(""), 0644);
        }
      }
      case "manyunlink" -> {
        int step = op.has(5) ? op.get(5).asInt() : 1;
        for (int i = op.get(3).asInt(); i < op.get(4).asInt(); i += step) {
          PathWalk.Place at = paths.place(many(op, i));
          at.directory().unlink(at.name());
        }
      }
      case "write" -> {
        Handle file =
            open(
                path(op, 1),
                List.of("CREAT", "TRUNC", "WRONLY"),
                op.has(3) ? op.get(3).asInt() : 0644);
        return write(file, 0, content(op.get(2)), false);
      }
      case "append" -> {
        return write(open(path(op, 1), List.of("WRONLY"), 0), 0, content(op.get(2)), true);
      }
      case "pwrite" -> {
        return write(
            open(path(op, 1), List.of("WRONLY"), 0), op.get(2).asLong(), content(op.get(3)), false);
      }
      case "truncate" -> {
        Node node = paths.file(path(op, 1), true);
        node.change(AttributeChange.NONE.withSize(op.get(2).asLong()));
      }
      case "chmod" ->
          paths
              .file(path(op, 1), true)
              .change(AttributeChange.NONE.withPermissions(op.get(2).asInt()));
      case "chown", "lchown" -> paths.file(path(op, 1), name.equals("chown")).change(owner(op));
      case "utimes" -> {
        Timestamp time = new Timestamp(op.get(2).asLong(), op.has(3) ? op.get(3).asInt() : 0);
        paths.file(path(op, 1), false).change(AttributeChange.NONE.withTimes(time, time));
      }
      case "setxattr" -> {
        XattrMode mode =
            List.of(XattrMode.ANY, XattrMode.CREATE, XattrMode.REPLACE)
                .get(op.has(4) ? op.get(4).asInt() : 0);
        paths.file(path(op, 1), false).setXattr(path(op, 2), bytes(op.get(3)), mode);
      }
      case "getxattr" -> {
        byte[] value = paths.file(path(op, 1), false).xattr(path(op, 2));
        if (value == null) {
          throw new FsException(Errno.ENODATA, "xattr");
        }
        return TextNode.valueOf(new String(value, StandardCharsets.ISO_8859_1));
      }
      case "removexattr" -> paths.file(path(op, 1), false).removeXattr(path(op, 2));
      case "listxattr" -> {
        return strings(paths.file(path(op, 1), false).xattrNames());
      }
      case "stat", "lstat" -> {
        return stat(paths.file(path(op, 1), name.equals("stat")));
      }
      case "readlink" -> {
        return Told.name(paths.file(path(op, 1), false).readLink());
      }
      case "read" -> {
        Node node = paths.file(path(op, 1), true);
        close(open(path(op, 1), List.of("RDONLY"), 0));
        boolean isRegular = node.attributes().type() == FileType.REGULAR;
        if (node.attributes().type() == FileType.FIFO) {
          throw new FsException(Errno.ESPIPE, "a pipe");
        }
        if (node.attributes().isDirectory()) {
          throw new FsException(Errno.EISDIR, "a directory");
        }
        return Told.content(isRegular ? Told.read(node) : new byte[0]);
      }
      case "readdir" -> {
        return strings(list(paths.file(path(op, 1), true)));
      }
      case "access" -> {
        return IntNode.valueOf(mayAccess(op) ? 1 : 0);
      }
      case "statfs" -> {
        ObjectNode told = Told.JSON.objectNode();
        told.put("namemax", tree.space().nameMaxBytes());
        told.put("flag_rdonly", false);
        told.put("bsize", tree.space().blockBytes());
        return told.put("blocks_nonzero", tree.space().blockCount() > 0);
      }
      case "open" -> {
        List<String> flags = List.of(op.get(3).asText().split("\\|", -1));
        handles.put(
            op.get(1).asText(), open(path(op, 2), flags, op.has(4) ? op.get(4).asInt() : 0644));
      }
      case "mmapclose" -> {}
      default -> throw new IllegalArgumentException(op.toString());
    }
    return IntNode.valueOf(0);
  }

  private JsonNode onHandle(String name, JsonNode op) throws IOException {
    Handle handle = handles.get(op.get(1).asText());
    switch (name) {
      case "close" -> close(op.get(1).asText());
      case "hread" -> {
        return Told.content(read(handle, op.has(3) ? op.get(3).asLong() : 0, op.get(2).asInt()));
      }
      case "hmmapread" -> {
        return Told.content(read(handle, 0, op.get(2).asInt()));
      }
      case "hwrite" -> {
        byte[] bytes = content(op.get(3));
        WritableFile file = writable(handle, Errno.EBADF);
        if (handle.appends) {
          file.append(ByteBuffer.wrap(bytes));
        } else {
          file.write(op.get(2).asLong(), ByteBuffer.wrap(bytes));
        }
        return IntNode.valueOf(bytes.length);
      }
      case "hmmapwrite" ->
          writable(handle, Errno.EACCES)
              .write(op.get(2).asLong(), ByteBuffer.wrap(content(op.get(3))));
      case "hstat" -> {
        return stat(handle.node);
      }
      case "htruncate" -> writable(handle, Errno.EINVAL).truncate(op.get(2).asLong());
      case "hchmod" -> handle.node.change(AttributeChange.NONE.withPermissions(op.get(2).asInt()));
      case "hchown" -> handle.node.change(owner(op));
      case "hsetxattr" -> handle.node.setXattr(path(op, 2), bytes(op.get(3)), XattrMode.ANY);
      case "hfsync" -> {
        if (handle.file instanceof WritableFile file) {
          file.sync(false);
        }
      }
      case "hfallocate" -> {
        AllocationMode mode =
            Map.of(
                    0,
                    AllocationMode.EXTEND,
                    1,
                    AllocationMode.KEEP_SIZE,
                    3,
                    AllocationMode.PUNCH_HOLE)
                .get(op.get(2).asInt());
        writable(handle, Errno.EBADF).allocate(op.get(3).asLong(), op.get(4).asLong(), mode);
      }
      case "hlink" -> {
        PathWalk.Place at = place(op, 2);
        at.directory().link(at.name(), handle.node);
      }
      case "hrewind" -> {}
      case "hgetdents" -> {
        List<Name> names = list(handle.node);
        names.add(Name.of("."));
        names.add(Name.of(".."));
        ObjectNode told = Told.JSON.objectNode().put("n", names.size());
        told.put("dup", names.size() - Set.copyOf(names).size());
        if (!op.has(4) || op.get(4).asBoolean()) {
          told.set("names", strings(names));
        }
        return told;
      }
      default -> throw new IllegalArgumentException(op.toString());
    }
    return IntNode.valueOf(0);
  }

  private static WritableFile writable(Handle handle, Errno otherwise) throws FsException {
    if (handle.file instanceof WritableFile file && handle.writable) {
      return file;
    }
    throw new FsException(otherwise, "not open for writing");
  }

  private static byte[] read(Handle handle, long offset, int byteCount) throws IOException {
    if (!handle.readable) {
      throw new FsException(Errno.EBADF, "not open for reading");
    }
    if (handle.file == null) {
      throw new FsException(Errno.EISDIR, "a directory");
    }
    ByteBuffer bytes = ByteBuffer.allocate(byteCount);
    int read = handle.file.read(offset, bytes);
    return Arrays.copyOf(bytes.array(), read);
  }

  private void close(String handle) throws IOException {
    close(handles.remove(handle));
  }

  private static void close(Handle handle) throws IOException {
    if (handle.file != null) {
      handle.file.close();
    }
    handle.hold.close();
  }

  private Handle open(Name path, List<String> flags, int mode) throws IOException {
    boolean writes = flags.contains("WRONLY") || flags.contains("RDWR");
    if (flags.contains("TMPFILE")) {
      WritableFile file =
          paths
              .file(path, true)
              .createUnnamed(new NewFile(FileType.REGULAR, mode, umask, ROOT, 0, 0));
      return new Handle(file.node(), file, file.node().hold(), true, true, false);
    }
    Node node = null;
    try {
      node = paths.file(path, !flags.contains("NOFOLLOW") && !flags.contains("EXCL"));
    } catch (FsException e) {
      if (e.errno() != Errno.ENOENT || !flags.contains("CREAT")) {
        throw e;
      }
    }
    if (node == null) {
      PathWalk.Place at = paths.newPlace(path);
      node =
          at.directory().create(at.name(), new NewFile(FileType.REGULAR, mode, umask, ROOT, 0, 0));
    } else if (flags.contains("EXCL")) {
      throw new FsException(Errno.EEXIST, path.toString());
    }
    FileType type = node.attributes().type();
    if (type == FileType.DIRECTORY) {
      if (writes || flags.contains("CREAT")) {
        throw new FsException(Errno.EISDIR, path.toString());
      }
      return new Handle(node, null, node.hold(), true, false, false);
    }
    if (flags.contains("DIRECTORY")) {
      throw new FsException(Errno.ENOTDIR, path.toString());
    }
    if (type == FileType.SYMLINK) {
      throw new FsException(Errno.ELOOP, path.toString());
    }
    if (type == FileType.SOCKET || (type == FileType.FIFO && flags.contains("WRONLY"))) {
      throw new FsException(Errno.ENXIO, path.toString());
    }
    if (type != FileType.REGULAR) {
      return new Handle(
          node, new NoContent(), node.hold(), !flags.contains("WRONLY"), writes, false);
    }
    OpenFile file = writes ? node.openForWriting() : node.open();
    if (flags.contains("TRUNC")) {
      node.change(AttributeChange.NONE.withSize(0L));
    }
    return new Handle(
        node, file, node.hold(), !flags.contains("WRONLY"), writes, flags.contains("APPEND"));
  }

  private static JsonNode write(Handle file, long offset, byte[] bytes, boolean append)
      throws IOException {
    try {
      if (!(file.file instanceof WritableFile content)) {
        throw new FsException(Errno.EINVAL, "no content");
      }
      if (append) {
        content.append(ByteBuffer.wrap(bytes));
      } else if (bytes.length > 0) {
        content.write(offset, ByteBuffer.wrap(bytes));
      }
      return IntNode.valueOf(bytes.length);
    } finally {
      close(file);
    }
  }

  private void create(Name path, JsonNode content, int mode) throws IOException {
    byte[] bytes = content(content);
    Handle file = open(path, List.of("CREAT", "EXCL", "WRONLY"), mode);
    write(file, 0, bytes, false);
  }

  private void make(JsonNode op, FileType type, int mode) throws IOException {
    PathWalk.Place at = place(op, 1);
    at.directory().create(at.name(), new NewFile(type, mode, umask, ROOT, 0, 0));
  }

  private void mknod(JsonNode op) throws IOException {
    PathWalk.Place at = place(op, 1);
    int major = op.has(4) ? op.get(4).asInt() : 0;
    int minor = op.has(5) ? op.get(5).asInt() : 0;
    FileType type = KINDS.get(op.get(2).asText());
    at.directory()
        .create(at.name(), new NewFile(type, op.get(3).asInt(), umask, ROOT, major, minor));
  }

  private void rename(JsonNode op, RenameMode mode) throws IOException {
    PathWalk.Place from = place(op, 1);
    PathWalk.Place to = place(op, 2);
    from.directory().rename(from.name(), to.directory(), to.name(), mode);
  }

  private static RenameMode renameMode(int flags) throws FsException {
    return switch (flags) {
      case 0 -> RenameMode.REPLACE;
      case 1 -> RenameMode.NO_REPLACE;
      case 2 -> RenameMode.EXCHANGE;
      default -> throw new FsException(Errno.EINVAL, "renameat2");
    };
  }

  private static AttributeChange owner(JsonNode op) {
    return AttributeChange.NONE.withOwner(new Owner(op.get(2).asLong(), op.get(3).asLong()));
  }

  private ObjectNode stat(Node node) throws IOException {
    Attributes attributes = node.attributes();
    ObjectNode told = Told.attributes(attributes);
    if (!attributes.isDirectory()) {
      told.put("size", attributes.size());
    }
    String next = "i" + (aliases.size() + 1);
    return told.put("ino", aliases.computeIfAbsent(attributes.inodeNr(), nr -> next));
  }

  private boolean mayAccess(JsonNode op) throws IOException {
    try {
      Node node = paths.file(path(op, 1), true);
      Attributes attributes = node.attributes();
      int asked = op.get(2).asInt();
      boolean executes =
          (asked & 1) == 0 || attributes.isDirectory() || (attributes.permissions() & 0111) != 0;
      return executes && ((asked & 2) == 0 || tree.isWritable());
    } catch (FsException e) {
      return false;
    }
  }

  static List<Name> list(Node node) throws IOException {
    List<Name> names = new ArrayList<>();
    node.list(0, (name, inodeNr, type, next) -> names.add(name));
    return names;
  }

  private static ArrayNode strings(List<Name> names) {
    ArrayNode array = Told.JSON.arrayNode();
    List<Name> sorted = new ArrayList<>(names);
    Collections.sort(sorted);
    sorted.forEach(name -> array.add(Told.name(name)));
    return array;
  }

  private PathWalk.Place place(JsonNode op, int at) throws IOException {
    return paths.place(path(op, at));
  }

  private static Name many(JsonNode op, int i) {
    return Name.of(op.get(1).asText() + "/" + String.format(op.get(2).asText(), i));
  }

  private static Name path(JsonNode op, int at) {
    JsonNode path = op.get(at);
    return path.isObject()
        ? Name.ofBytes(HexFormat.of().parseHex(path.get("hex").asText()))
        : Name.of(path.asText());
  }

  private static byte[] bytes(JsonNode text) {
    return text.asText().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] content(JsonNode content) {
    if (content.isTextual()) {
      return bytes(content);
    }
    if (content.get(0).asText().equals("rep")) {
      return content
          .get(1)
          .asText()
          .repeat(content.get(2).asInt())
          .getBytes(StandardCharsets.UTF_8);
    }
    int byteCount = content.get(2).asInt();
    ByteArrayOutputStream pattern = new ByteArrayOutputStream();
    for (int i = 0; i <= byteCount / 32; i++) {
      String seed = content.get(1).asInt() + ":" + i;
      pattern.writeBytes(
          HexFormat.of().parseHex(Told.sha256(seed.getBytes(StandardCharsets.UTF_8))));
    }
    return Arrays.copyOf(pattern.toByteArray(), byteCount);
  }

  /** What a pipe gives that nobody writes to. */
  private static final class NoContent implements OpenFile {
    @Override
    public long size() {
      return 0;
    }

    @Override
    public int read(long offset, ByteBuffer target) {
      return 0;
    }

    @Override
    public long nextData(long offset) {
      return 0;
    }

    @Override
    public long nextHole(long offset) {
      return 0;
    }

    @Override
    public void close() {}
  }
}
