package io.lamina.fuse;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Timestamp;
import io.lamina.fs.TreeSpace;
import io.lamina.fuse.protocol.FileFlags;
import io.lamina.fuse.protocol.Handles;
import io.lamina.fuse.protocol.Opening;
import io.lamina.fuse.protocol.Problems;
import io.lamina.fuse.protocol.Xattrs;
import java.io.IOException;
import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * A tree as jnr-fuse's callbacks, for {@link LibFuseSession}: those that read.
 *
 * <p>Paths and names come as strings decoded by {@code file.encoding}: bytes stay bytes only where
 * that is ISO-8859-1.
 */
class TreeCallbacks extends LibFuseSession.Callbacks {
  private static final int CONNECTION_WANT_AT = 24;
  private static final int WANT_IOCTL_DIR = 1 << 11;

  /** jnr-fuse's own fields for these bits lie at the wrong place. */
  private static final int FILE_INFO_BITS_AT = 20;

  private static final byte DIRECT_IO = 1;
  private static final byte KEEP_CACHE = 2;

  private final FileTree tree;
  final NodePaths paths;
  final Handles handles = new Handles();
  private final Problems problems = new Problems();

  TreeCallbacks(FileTree tree) throws IOException {
    this.tree = tree;
    this.paths = new NodePaths(tree.root());
  }

  /** What one callback does: a count or 0. */
  @FunctionalInterface
  interface Operation {
    int run() throws IOException;
  }

  /** The one door: an exception in a callback would count as success. */
  final int answer(String operation, String path, Operation body) {
    try {
      return body.run();
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return -problems.errnoOf(operation, Name.ofLatin1(path), e);
    }
  }

  @Override
  public Pointer init(Pointer connection) {
    int want = connection.getInt(CONNECTION_WANT_AT);
    connection.putInt(CONNECTION_WANT_AT, want | WANT_IOCTL_DIR);
    return connection;
  }

  @Override
  public int getattr(String path, FileStat stat) {
    return answer(
        "stat",
        path,
        () -> {
          fill(stat, paths.node(path).attributes());
          return 0;
        });
  }

  private static void fill(FileStat stat, Attributes a) {
    stat.st_ino.set(a.inodeNr());
    stat.st_mode.set(a.mode());
    stat.st_nlink.set(a.linkCount());
    stat.st_uid.set(a.userId());
    stat.st_gid.set(a.groupId());
    stat.st_rdev.set(deviceNumber(a.deviceMajor(), a.deviceMinor()));
    stat.st_size.set(a.size());
    stat.st_blocks.set(a.sectorCount());
    stat.st_blksize.set(4096);
    fill(stat.st_atim, a.accessTime());
    fill(stat.st_mtim, a.modificationTime());
    fill(stat.st_ctim, a.changeTime());
  }

  private static void fill(Timespec spec, Timestamp time) {
    spec.tv_sec.set(time.seconds());
    spec.tv_nsec.set(time.nanos());
  }

  /** {@code makedev(3)}. */
  private static long deviceNumber(int major, int minor) {
    return (minor & 0xffL)
        | ((major & 0xfffL) << 8)
        | ((minor & 0xffff_ff00L) << 12)
        | ((major & 0xffff_f000L) << 32);
  }

  @Override
  public int readlink(String path, Pointer buffer, long size) {
    return answer(
        "readlink",
        path,
        () -> {
          byte[] target = paths.node(path).readLink().bytes();
          int byteCount = (int) Math.min(target.length, size - 1);
          buffer.put(0, target, 0, byteCount);
          buffer.putByte(byteCount, (byte) 0);
          return 0;
        });
  }

  @Override
  public int open(String path, FuseFileInfo info) {
    return answer(
        "open",
        path,
        () -> {
          Node node = paths.node(path);
          opened(Opening.open(node, info.flags.intValue()), node, info);
          return 0;
        });
  }

  final void opened(OpenFile file, Node node, FuseFileInfo info) {
    info.fh.set(handles.add(file));
    byte bits = node.isVolatile() ? DIRECT_IO : tree.isWritable() ? 0 : KEEP_CACHE;
    Struct.getMemory(info).putByte(FILE_INFO_BITS_AT, bits);
  }

  @Override
  public int read(String path, Pointer buffer, long size, long offset, FuseFileInfo info) {
    return answer(
        "read",
        path,
        () -> {
          OpenFile file = handles.get(info.fh.longValue());
          ByteBuffer target = NativeCode.bytes(buffer, (int) size);
          return file.read(offset, target);
        });
  }

  @Override
  public int release(String path, FuseFileInfo info) {
    return answer(
        "close",
        path,
        () -> {
          handles.close(info.fh.longValue());
          return 0;
        });
  }

  @Override
  public int readdir(
      String path, Pointer buffer, FuseFillDir filler, long offset, FuseFileInfo info) {
    return answer(
        "readdir",
        path,
        () -> {
          new DirectoryFill(buffer, filler).fill(paths.node(path), offset);
          return 0;
        });
  }

  @Override
  public int statfs(String path, Statvfs out) {
    return answer(
        "statfs",
        path,
        () -> {
          TreeSpace space = tree.space(paths.node(path));
          out.f_bsize.set(space.blockBytes());
          out.f_frsize.set(space.blockBytes());
          out.f_blocks.set(space.blockCount());
          out.f_bfree.set(space.freeBlockCount());
          out.f_bavail.set(space.availableBlockCount());
          out.f_files.set(space.fileCount());
          out.f_ffree.set(space.freeFileCount());
          out.f_namemax.set(space.nameMaxBytes());
          return 0;
        });
  }

  @Override
  public int getxattr(String path, String name, Pointer value, long size) {
    return answer(
        "getxattr",
        path,
        () -> {
          byte[] bytes = paths.node(path).xattr(Name.ofLatin1(name));
          return bytes == null ? -Errno.ENODATA.code() : xattrReply(bytes, value, size);
        });
  }

  @Override
  public int listxattr(String path, Pointer list, long size) {
    return answer(
        "listxattr",
        path,
        () -> {
          boolean forRoot = getContext().uid.get() == 0;
          byte[] names = Xattrs.list(paths.node(path).xattrNames(), forRoot);
          return xattrReply(names, list, size);
        });
  }

  /** Asked for 0 bytes, the size; else the bytes, if they fit. */
  private static int xattrReply(byte[] bytes, Pointer target, long size) {
    if (size == 0) {
      return bytes.length;
    }
    if (bytes.length > size) {
      return -Errno.ERANGE.code();
    }
    target.put(0, bytes, 0, bytes.length);
    return bytes.length;
  }

  @Override
  public int ioctl(
      String path, int command, Pointer arg, FuseFileInfo info, long flags, Pointer data) {
    return answer(
        "ioctl",
        path,
        () -> {
          // libfuse writes back the eight bytes that a version's command tells; who asks has four.
          if (!FileFlags.isGetting(command) || FileFlags.isVersion(command)) {
            return -Errno.ENOTTY.code();
          }
          byte[] result = FileFlags.reply(paths.node(path), command);
          data.put(0, result, 0, result.length);
          return 0;
        });
  }

  @Override
  void forgetNames() {
    paths.forgetAll();
  }

  @Override
  void letGo() {
    handles.closeAll();
  }

  @Override
  public void destroy(Pointer data) {
    letGo();
  }
}
