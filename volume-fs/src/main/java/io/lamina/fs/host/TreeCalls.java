package io.lamina.fs.host;

import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Timestamp;
import io.lamina.fs.TreeSpace;
import io.lamina.fs.XattrKind;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a {@link HostTree}. A file is known by a descriptor that only names it ({@code
 * O_PATH}); what such a descriptor cannot do goes through its link below {@code /proc/self/fd}.
 * None follows a symbolic link of the tree.
 *
 * <p>What fails throws as {@link Libc} does. Safe for use by many threads.
 */
final class TreeCalls {
  private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");

  private static final int O_RDWR = 2;
  private static final int O_NONBLOCK = 04000;
  private static final int O_DIRECTORY = ARM ? 040000 : 0200000;
  private static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
  private static final int O_CLOEXEC = 02000000;
  private static final int O_PATH = 010000000;
  private static final int O_TMPFILE = 020000000 | O_DIRECTORY;

  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int AT_SYMLINK_FOLLOW = 0x400;
  private static final int AT_NO_AUTOMOUNT = 0x800;
  private static final int AT_EMPTY_PATH = 0x1000;

  private static final int STATX_BASIC_STATS_AND_BIRTH = 0xfff;
  private static final long FS_IOC_GETFLAGS = 0x80086601L;
  private static final long FS_IOC_SETFLAGS = 0x40086602L;
  private static final int UTIME_OMIT = 0x3ffffffe;
  private static final int SEEK_SET = 0;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int RLIMIT_NOFILE = 7;
  private static final int STATVFS_BYTES = 256;
  private static final int LINK_BYTES = 4096;
  private static final int XATTR_BYTES = 4096;
  private static final int DIRENTS_BYTES = 32 << 10;
  private static final int TRANSFER_BYTES = 128 << 10;
  private static final byte[] EMPTY = {0};

  private static final byte[] NO_BYTES = {};

  private static final ThreadLocal<ByteBuffer> STRUCT = threadLocal(HostStat.BYTES);
  private static final ThreadLocal<ByteBuffer> LINK = threadLocal(LINK_BYTES);
  private static final ThreadLocal<ByteBuffer> DIRENTS = threadLocal(DIRENTS_BYTES);
  private static final ThreadLocal<ByteBuffer> TRANSFER = threadLocal(TRANSFER_BYTES);

  private final CTreeLibrary c;
  private final Runtime runtime;

  private TreeCalls() {
    c = LibraryLoader.create(CTreeLibrary.class).option(LibraryOption.SaveError, true).load("c");
    runtime = Runtime.getRuntime(c);
  }

  /** The C library of this process, loaded at the first call. */
  static TreeCalls get() {
    return Loaded.CALLS;
  }

  private static final class Loaded {
    static final TreeCalls CALLS = new TreeCalls();
  }

  private static ThreadLocal<ByteBuffer> threadLocal(int byteCount) {
    return ThreadLocal.withInitial(
        () -> ByteBuffer.allocateDirect(byteCount).order(ByteOrder.nativeOrder()));
  }

  /** How many descriptors this process may have. */
  long descriptorLimit() throws IOException {
    long[] limits = new long[2];
    check(c.getrlimit(RLIMIT_NOFILE, limits), "descriptor limit");
    return limits[0] < 0 ? Long.MAX_VALUE : limits[0];
  }

  /** Names the file at a path that a person has given: its links are followed. */
  int locate(Name path) throws IOException {
    return check(c.openat(AT_FDCWD, bytes(path), O_PATH | O_CLOEXEC, 0), path.toString());
  }

  /** Names an entry of a directory. */
  int locate(int directory, Name name) throws IOException {
    int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    return check(c.openat(directory, bytes(name), flags, 0), name.toString());
  }

  /** One more descriptor that names the same file. */
  int relocate(int fd) throws IOException {
    return check(c.openat(AT_FDCWD, proc(fd), O_PATH | O_CLOEXEC, 0), "descriptor");
  }

  /** Opens a located regular file. */
  int openFile(int fd, boolean writable) throws IOException {
    int flags = (writable ? O_RDWR : 0) | O_NONBLOCK | O_CLOEXEC;
    return check(c.openat(AT_FDCWD, proc(fd), flags, 0), "open");
  }

  /** Opens a located directory, to list or to sync it. */
  int openDirectory(int fd) throws IOException {
    return check(c.openat(AT_FDCWD, proc(fd), O_DIRECTORY | O_CLOEXEC, 0), "open directory");
  }

  /** Makes a file without a name in a located directory. */
  int createUnnamed(int fd, int permissions) throws IOException {
    return check(
        c.openat(AT_FDCWD, proc(fd), O_TMPFILE | O_RDWR | O_CLOEXEC, permissions), "O_TMPFILE");
  }

  /** What is to be told of a located or open file. */
  HostStat stat(int fd) throws IOException {
    ByteBuffer statx = STRUCT.get();
    check(c.statx(fd, EMPTY, AT_EMPTY_PATH, STATX_BASIC_STATS_AND_BIRTH, statx), "attributes");
    return HostStat.parse(statx);
  }

  /** What is to be told of a directory's entry; null where there is none of that name. */
  @Nullable HostStat stat(int directory, Name name) throws IOException {
    ByteBuffer statx = STRUCT.get();
    int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
    if (c.statx(directory, bytes(name), flags, STATX_BASIC_STATS_AND_BIRTH, statx) < 0) {
      int error = LastError.getLastError(runtime);
      if (error == Errno.ENOENT.code()) {
        return null;
      }
      throw Libc.problem(error, name.toString());
    }
    return HostStat.parse(statx);
  }

  TreeSpace space(int fd) throws IOException {
    ByteBuffer statvfs = STRUCT.get();
    if (statvfs.capacity() < STATVFS_BYTES) {
      throw new IllegalStateException("too small for struct statvfs");
    }
    check(c.fstatvfs(fd, statvfs), "space");
    return new TreeSpace(
        (int) statvfs.getLong(8),
        statvfs.getLong(16),
        statvfs.getLong(24),
        statvfs.getLong(32),
        statvfs.getLong(40),
        statvfs.getLong(48),
        (int) statvfs.getLong(80));
  }

  void close(int fd) throws IOException {
    check(c.close(fd), "close");
  }

  /** Whom this process acts for. */
  long userId() {
    return c.geteuid() & 0xffff_ffffL;
  }

  void syncFileSystem(int fd) throws IOException {
    check(c.syncfs(fd), "syncfs");
  }

  void sync(int fd, boolean dataOnly) throws IOException {
    check(dataOnly ? c.fdatasync(fd) : c.fsync(fd), "sync");
  }

  void makeDirectory(int directory, Name name, int permissions) throws IOException {
    check(c.mkdirat(directory, bytes(name), permissions), name.toString());
  }

  void makeNode(int directory, Name name, FileType type, int permissions, long device)
      throws IOException {
    int mode = type.modeBits() | permissions;
    check(c.mknodat(directory, bytes(name), mode, device), name.toString());
  }

  void makeSymlink(Name target, int directory, Name name) throws IOException {
    check(c.symlinkat(bytes(target), directory, bytes(name)), name.toString());
  }

  /** Gives a located file one more name. */
  void makeLink(int fd, int directory, Name name) throws IOException {
    check(c.linkat(AT_FDCWD, proc(fd), directory, bytes(name), AT_SYMLINK_FOLLOW), name.toString());
  }

  void unlink(int directory, Name name) throws IOException {
    check(c.unlinkat(directory, bytes(name), 0), name.toString());
  }

  void removeDirectory(int directory, Name name) throws IOException {
    check(c.unlinkat(directory, bytes(name), AT_REMOVEDIR), name.toString());
  }

  /** Renames; with flags of {@code renameat2} or 0. */
  void rename(int directory, Name name, int newDirectory, Name newName, int flags)
      throws IOException {
    byte[] from = bytes(name);
    byte[] to = bytes(newName);
    check(
        flags == 0
            ? c.renameat(directory, from, newDirectory, to)
            : c.renameat2(directory, from, newDirectory, to, flags),
        name + " to " + newName);
  }

  void setOwner(int fd, long userId, long groupId) throws IOException {
    check(c.fchownat(fd, EMPTY, (int) userId, (int) groupId, AT_EMPTY_PATH), "owner");
  }

  void setPermissions(int fd, int permissions) throws IOException {
    check(c.chmod(proc(fd), permissions), "mode");
  }

  void setSize(int fd, long byteCount) throws IOException {
    check(c.truncate(proc(fd), byteCount), "size");
  }

  void setSizeOfOpen(int fd, long byteCount) throws IOException {
    check(c.ftruncate(fd, byteCount), "size");
  }

  /** Sets times; null leaves one as it is. */
  void setTimes(int fd, @Nullable Timestamp access, @Nullable Timestamp modification)
      throws IOException {
    long[] times = {0, UTIME_OMIT, 0, UTIME_OMIT};
    put(times, 0, access);
    put(times, 2, modification);
    check(c.utimensat(AT_FDCWD, proc(fd), times, 0), "times");
  }

  private static void put(long[] times, int at, @Nullable Timestamp time) {
    if (time != null) {
      times[at] = time.seconds();
      times[at + 1] = time.nanos();
    }
  }

  Name readLink(int fd) throws IOException {
    ByteBuffer target = LINK.get();
    int byteCount = (int) check(c.readlinkat(fd, EMPTY, target, LINK_BYTES), "readlink");
    return Name.ofBytes(target, 0, byteCount);
  }

  /**
   * Reads entries of an open directory into a buffer of this thread's.
   *
   * @return from 0 to what was read: records of {@code struct linux_dirent64}
   */
  ByteBuffer entries(int fd) throws IOException {
    ByteBuffer entries = DIRENTS.get();
    int byteCount = (int) check(c.getdents64(fd, entries.clear(), DIRENTS_BYTES), "listing");
    return entries.limit(byteCount);
  }

  void seek(int fd, long offset) throws IOException {
    check(c.lseek(fd, offset, SEEK_SET), "seek");
  }

  /**
   * The value of an extended attribute; null where there is none of that name, or none of a kind
   * that this file system has not, though others have.
   */
  byte @Nullable [] xattr(int fd, Name name) throws IOException {
    byte[] path = proc(fd);
    byte[] attribute = bytes(name);
    byte[] value = new byte[XATTR_BYTES];
    while (true) {
      long byteCount = c.getxattr(path, attribute, value, value.length);
      if (byteCount >= 0) {
        return Arrays.copyOf(value, (int) byteCount);
      }
      int error = LastError.getLastError(runtime);
      boolean isLacking = error == Errno.EOPNOTSUPP.code() && XattrKind.of(name) != null;
      if (error == Errno.ENODATA.code() || isLacking) {
        return null;
      }
      if (error != Errno.ERANGE.code()) {
        throw Libc.problem(error, name.toString());
      }
      value = new byte[(int) check(c.getxattr(path, attribute, NO_BYTES, 0), name.toString())];
    }
  }

  /** The names of a file's extended attributes, each with a zero byte after it. */
  byte[] xattrNames(int fd) throws IOException {
    byte[] path = proc(fd);
    byte[] names = new byte[XATTR_BYTES];
    while (true) {
      long byteCount = c.listxattr(path, names, names.length);
      if (byteCount >= 0) {
        return Arrays.copyOf(names, (int) byteCount);
      }
      int error = LastError.getLastError(runtime);
      if (error == Errno.EOPNOTSUPP.code()) {
        return NO_BYTES;
      }
      if (error != Errno.ERANGE.code()) {
        throw Libc.problem(error, "extended attributes");
      }
      names = new byte[(int) check(c.listxattr(path, NO_BYTES, 0), "extended attributes")];
    }
  }

  void setXattr(int fd, Name name, byte[] value, XattrMode mode) throws IOException {
    int flags =
        switch (mode) {
          case ANY -> 0;
          case CREATE -> 1;
          case REPLACE -> 2;
          case CREATE_AND_REPLACE -> 3;
        };
    check(c.setxattr(proc(fd), bytes(name), value, value.length, flags), name.toString());
  }

  void removeXattr(int fd, Name name) throws IOException {
    check(c.removexattr(proc(fd), bytes(name)), name.toString());
  }

  int flags(int fd) throws IOException {
    int[] flags = new int[2];
    check(c.ioctl(fd, FS_IOC_GETFLAGS, flags), "flags");
    return flags[0];
  }

  void setFlags(int fd, int flags) throws IOException {
    check(c.ioctl(fd, FS_IOC_SETFLAGS, new int[] {flags, 0}), "flags");
  }

  /** Reads into the rest of a buffer until it is full or the file ends. */
  int read(int fd, long offset, ByteBuffer target) throws IOException {
    int total = 0;
    while (target.hasRemaining()) {
      int byteCount =
          target.isDirect()
              ? readDirect(fd, offset + total, target)
              : readThrough(fd, offset + total, target);
      if (byteCount == 0) {
        break;
      }
      total += byteCount;
    }
    return total;
  }

  private int readThrough(int fd, long offset, ByteBuffer target) throws IOException {
    ByteBuffer transfer = TRANSFER.get().clear();
    transfer.limit(Math.min(target.remaining(), TRANSFER_BYTES));
    int byteCount = readDirect(fd, offset, transfer);
    target.put(transfer.flip());
    return byteCount;
  }

  private int readDirect(int fd, long offset, ByteBuffer target) throws IOException {
    while (true) {
      long byteCount = c.pread(fd, target, target.remaining(), offset);
      if (byteCount >= 0) {
        target.position(target.position() + (int) byteCount);
        return (int) byteCount;
      }
      failUnlessInterrupted("read");
    }
  }

  /** Writes the rest of a buffer; where it fails, its position tells how much was written. */
  void write(int fd, long offset, ByteBuffer source) throws IOException {
    long at = offset;
    while (source.hasRemaining()) {
      at += source.isDirect() ? writeDirect(fd, at, source) : writeThrough(fd, at, source);
    }
  }

  private int writeThrough(int fd, long offset, ByteBuffer source) throws IOException {
    ByteBuffer transfer = TRANSFER.get().clear();
    int asked = Math.min(source.remaining(), TRANSFER_BYTES);
    transfer.put(0, source, source.position(), asked).limit(asked);
    int byteCount = writeDirect(fd, offset, transfer);
    source.position(source.position() + byteCount);
    return byteCount;
  }

  private int writeDirect(int fd, long offset, ByteBuffer source) throws IOException {
    while (true) {
      long byteCount = c.pwrite(fd, source, source.remaining(), offset);
      if (byteCount >= 0) {
        source.position(source.position() + (int) byteCount);
        return (int) byteCount;
      }
      failUnlessInterrupted("write");
    }
  }

  private void failUnlessInterrupted(String about) throws IOException {
    int error = LastError.getLastError(runtime);
    if (error != Errno.EINTR.code()) {
      throw Libc.problem(error, about);
    }
  }

  void allocate(int fd, int mode, long offset, long byteCount) throws IOException {
    check(c.fallocate(fd, mode, offset, byteCount), "allocate");
  }

  /** The start of the next data at or after an offset; -1 where there is none. */
  long nextData(int fd, long offset) throws IOException {
    return find(fd, offset, SEEK_DATA);
  }

  /** The start of the next hole at or after an offset; -1 past the end. */
  long nextHole(int fd, long offset) throws IOException {
    return find(fd, offset, SEEK_HOLE);
  }

  private long find(int fd, long offset, int whence) throws IOException {
    long found = c.lseek(fd, offset, whence);
    if (found < 0) {
      int error = LastError.getLastError(runtime);
      if (error != Errno.ENXIO.code()) {
        throw Libc.problem(error, "seek");
      }
    }
    return found;
  }

  private static byte[] proc(int fd) {
    return bytes(Name.ofLatin1("/proc/self/fd/" + fd));
  }

  private static byte[] bytes(Name name) {
    byte[] bytes = name.bytes();
    return Arrays.copyOf(bytes, bytes.length + 1);
  }

  private int check(int result, String about) throws IOException {
    return (int) check((long) result, about);
  }

  private long check(long result, String about) throws IOException {
    if (result < 0) {
      throw Libc.problem(LastError.getLastError(runtime), about);
    }
    return result;
  }
}
