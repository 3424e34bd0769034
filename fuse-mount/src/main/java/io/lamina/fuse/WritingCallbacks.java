package io.lamina.fuse;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Caller;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.Timestamp;
import io.lamina.fs.WritableFile;
import io.lamina.fuse.protocol.Allocation;
import io.lamina.fuse.protocol.FileFlags;
import io.lamina.fuse.protocol.Opening;
import io.lamina.fuse.protocol.Writes;
import io.lamina.fuse.protocol.Xattrs;
import java.io.IOException;
import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;
import ru.serce.jnrfuse.struct.FuseContext;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.Timespec;

/** The callbacks that change something, each one call on a node or an open file. */
final class WritingCallbacks extends TreeCallbacks {
  private static final int PERMISSIONS = 07777;
  private static final int UNCHANGED = -1;

  private final FileTree tree;

  WritingCallbacks(FileTree tree) throws IOException {
    super(tree);
    this.tree = tree;
  }

  /** One change. */
  @FunctionalInterface
  private interface Change {
    void run() throws IOException;
  }

  private int changed(String operation, String path, Change body) {
    return answer(
        operation,
        path,
        () -> {
          Caller.as(
              caller(),
              () -> {
                body.run();
                return 0;
              });
          return 0;
        });
  }

  private Owner caller() {
    FuseContext context = getContext();
    return new Owner(
        Integer.toUnsignedLong(context.uid.intValue()),
        Integer.toUnsignedLong(context.gid.intValue()));
  }

  /** The kernel has applied the umask. */
  private NewFile newFile(FileType type, long mode, long device) {
    int major = (int) (((device >>> 8) & 0xfff) | ((device >>> 32) & 0xffff_f000L));
    int minor = (int) ((device & 0xff) | ((device >>> 12) & 0xffff_ff00L));
    return new NewFile(type, (int) mode & PERMISSIONS, 0, caller(), major, minor);
  }

  private Node make(String path, NewFile file) throws IOException {
    Node made = paths.directory(path).create(NodePaths.name(path), file);
    paths.forget(path);
    return made;
  }

  @Override
  public int create(String path, long mode, FuseFileInfo info) {
    return changed(
        "create",
        path,
        () -> {
          Node made = make(path, newFile(FileType.REGULAR, mode, 0));
          opened(Opening.open(made, info.flags.intValue()), made, info);
        });
  }

  @Override
  public int mknod(String path, long mode, long device) {
    return changed("mknod", path, () -> make(path, newFile(type(mode), mode, device)));
  }

  private static FileType type(long mode) throws FsException {
    for (FileType type : FileType.values()) {
      if (type.modeBits() == (mode & FileType.MODE_MASK)) {
        return type;
      }
    }
    throw new FsException(Errno.EINVAL, "mknod of mode " + Long.toOctalString(mode));
  }

  @Override
  public int mkdir(String path, long mode) {
    return changed("mkdir", path, () -> make(path, newFile(FileType.DIRECTORY, mode, 0)));
  }

  @Override
  public int symlink(String target, String path) {
    return changed(
        "symlink",
        path,
        () -> {
          Name pointsAt = Name.ofLatin1(target);
          paths.directory(path).createSymlink(NodePaths.name(path), pointsAt, caller());
          paths.forget(path);
        });
  }

  @Override
  public int link(String oldPath, String path) {
    return changed(
        "link",
        path,
        () -> {
          paths.directory(path).link(NodePaths.name(path), paths.node(oldPath));
          paths.forget(path);
        });
  }

  @Override
  public int unlink(String path) {
    return changed(
        "unlink",
        path,
        () -> {
          paths.directory(path).unlink(NodePaths.name(path));
          paths.forget(path);
        });
  }

  @Override
  public int rmdir(String path) {
    return changed(
        "rmdir",
        path,
        () -> {
          paths.directory(path).removeDirectory(NodePaths.name(path));
          paths.forget(path);
        });
  }

  @Override
  public int rename(String path, String newPath) {
    return changed(
        "rename",
        path,
        () -> {
          Node target = paths.directory(newPath);
          Name newName = NodePaths.name(newPath);
          Node directory = paths.directory(path);
          directory.rename(NodePaths.name(path), target, newName, RenameMode.REPLACE);
          paths.forget(path);
          paths.forget(newPath);
        });
  }

  private int change(String path, AttributeChange change) {
    return changed("change of attributes", path, () -> paths.node(path).change(change));
  }

  @Override
  public int chmod(String path, long mode) {
    return change(path, AttributeChange.NONE.withPermissions((int) mode & PERMISSIONS));
  }

  @Override
  public int chown(String path, long userId, long groupId) {
    return change(path, new AttributeChange(null, owner(userId), owner(groupId), null, null, null));
  }

  private static @Nullable Long owner(long id) {
    return (int) id == UNCHANGED ? null : Long.valueOf(id & 0xffff_ffffL);
  }

  @Override
  public int truncate(String path, long size) {
    return change(path, AttributeChange.NONE.withSize(size));
  }

  @Override
  public int ftruncate(String path, long size, FuseFileInfo info) {
    return changed(
        "truncate", path, () -> file(info).node().change(AttributeChange.NONE.withSize(size)));
  }

  @Override
  public int utimens(String path, Timespec[] times) {
    return change(path, AttributeChange.NONE.withTimes(time(times[0]), time(times[1])));
  }

  private static Timestamp time(Timespec time) {
    return new Timestamp(time.tv_sec.longValue(), time.tv_nsec.intValue());
  }

  private WritableFile file(FuseFileInfo info) throws FsException {
    return handles.getWritable(info.fh.longValue());
  }

  @Override
  public int write(String path, Pointer buffer, long size, long offset, FuseFileInfo info) {
    return answer(
        "write",
        path,
        () -> {
          ByteBuffer source = NativeCode.bytes(buffer, (int) size);
          return Writes.write(file(info), offset, source, info.flags.intValue());
        });
  }

  @Override
  public int fallocate(String path, int mode, long offset, long length, FuseFileInfo info) {
    return changed(
        "fallocate", path, () -> file(info).allocate(offset, length, Allocation.mode(mode)));
  }

  @Override
  public int fsync(String path, int dataOnly, FuseFileInfo info) {
    return changed(
        "fsync",
        path,
        () -> {
          if (handles.get(info.fh.longValue()) instanceof WritableFile file) {
            file.sync(dataOnly != 0);
          } else {
            tree.sync(paths.node(path));
          }
        });
  }

  @Override
  public int fsyncdir(String path, FuseFileInfo info) {
    return changed("fsync", path, () -> paths.node(path).sync());
  }

  @Override
  public int setxattr(String path, String name, Pointer value, long size, int flags) {
    return changed(
        "setxattr",
        path,
        () -> {
          byte[] bytes = new byte[(int) size];
          value.get(0, bytes, 0, bytes.length);
          paths.node(path).setXattr(Name.ofLatin1(name), bytes, Xattrs.mode(flags));
        });
  }

  @Override
  public int removexattr(String path, String name) {
    return changed("removexattr", path, () -> paths.node(path).removeXattr(Name.ofLatin1(name)));
  }

  @Override
  public int ioctl(
      String path, int command, Pointer arg, FuseFileInfo info, long flags, Pointer data) {
    if (!FileFlags.isSetting(command)) {
      return super.ioctl(path, command, arg, info, flags, data);
    }
    return changed(
        "ioctl",
        path,
        () ->
            FileFlags.set(paths.node(path), NativeCode.bytes(data, FileFlags.MAX_BYTES), command));
  }
}
