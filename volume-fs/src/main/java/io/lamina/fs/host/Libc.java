package io.lamina.fs.host;

import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Runtime;

/**
 * Calls of the C library that Java lacks or gives only to names in some encoding: here a name is
 * bytes, relative to an open directory. None but {@link #openPath} follows a symbolic link.
 *
 * <p>What fails throws an {@link FsException} where {@link Errno} knows the number, else an
 * IOException that says it. Safe for use by many threads.
 */
public final class Libc {
  private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");

  private static final int O_WRONLY = 1;
  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0100;
  private static final int O_EXCL = 0200;
  private static final int O_DIRECTORY = ARM ? 040000 : 0200000;
  private static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
  private static final int O_CLOEXEC = 02000000;

  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;

  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;

  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private static final int NOBODY_ASKED = -1;

  private final CLibrary c;
  private final Runtime runtime;

  private Libc() {
    c = LibraryLoader.create(CLibrary.class).option(LibraryOption.SaveError, true).load("c");
    runtime = Runtime.getRuntime(c);
  }

  /** The C library of this process, loaded at the first call. */
  public static Libc get() {
    return Loaded.LIBC;
  }

  private static final class Loaded {
    static final Libc LIBC = new Libc();
  }

  /** Whether this process may do what only root may. */
  public boolean isRoot() {
    return c.geteuid() == 0;
  }

  /** The permissions that new files of this process do not get. */
  public int umask() {
    int mask = c.umask(077);
    c.umask(mask);
    return mask;
  }

  /** Opens a directory at a path, relative to the working directory, following links. */
  int openPath(Name path) throws IOException {
    return check(c.openat(AT_FDCWD, bytes(path), O_DIRECTORY | O_CLOEXEC, 0), path.toString());
  }

  /** Opens a file or a block device at a path, following links. */
  int openFile(Name path, boolean writable) throws IOException {
    int flags = (writable ? O_RDWR : 0) | O_CLOEXEC;
    return check(c.openat(AT_FDCWD, bytes(path), flags, 0), path.toString());
  }

  /** Opens a block device for reading, as long as nobody else has it open in this way. */
  int openBlockDeviceAlone(Name path) throws IOException {
    int flags = O_EXCL | O_CLOEXEC;
    return check(c.openat(AT_FDCWD, bytes(path), flags, 0), path.toString());
  }

  /** Opens a directory in another one. */
  int openDirectory(int directory, Name name) throws IOException {
    return check(
        c.openat(directory, bytes(name), O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0), name.toString());
  }

  /** Makes a regular file that must not be there yet, open for writing. */
  int createFile(int directory, Name name, int permissions) throws IOException {
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    return check(c.openat(directory, bytes(name), flags, permissions), name.toString());
  }

  void makeDirectory(int directory, Name name, int permissions) throws IOException {
    check(c.mkdirat(directory, bytes(name), permissions), name.toString());
  }

  /** Makes a device node, a FIFO or a socket. */
  void makeNode(int directory, Name name, FileType type, int permissions, long device)
      throws IOException {
    check(
        c.mknodat(directory, bytes(name), type.modeBits() | permissions, device), name.toString());
  }

  void makeSymlink(Name target, int directory, Name name) throws IOException {
    check(c.symlinkat(bytes(target), directory, bytes(name)), name.toString());
  }

  void makeLink(int oldDirectory, Name oldName, int directory, Name name) throws IOException {
    check(c.linkat(oldDirectory, bytes(oldName), directory, bytes(name), 0), name.toString());
  }

  /** Removes a name that is no directory's. */
  void unlink(int directory, Name name) throws IOException {
    check(c.unlinkat(directory, bytes(name), 0), name.toString());
  }

  void setOwner(int fd, long userId, long groupId) throws IOException {
    check(c.fchown(fd, (int) userId, (int) groupId), "owner");
  }

  void setOwner(int directory, Name name, long userId, long groupId) throws IOException {
    check(
        c.fchownat(directory, bytes(name), (int) userId, (int) groupId, AT_SYMLINK_NOFOLLOW),
        name + ": owner");
  }

  /** Sets the group alone, where that is allowed. */
  void trySetGroup(int fd, long groupId) {
    c.fchown(fd, NOBODY_ASKED, (int) groupId);
  }

  void setPermissions(int fd, int permissions) throws IOException {
    check(c.fchmod(fd, permissions), "mode");
  }

  /** Of a device node, a FIFO or a socket: the call would follow a symbolic link. */
  void setPermissions(int directory, Name name, int permissions) throws IOException {
    check(c.fchmodat(directory, bytes(name), permissions, 0), name + ": mode");
  }

  void setTimes(int fd, Timestamp access, Timestamp modification) throws IOException {
    check(c.futimens(fd, times(access, modification)), "times");
  }

  void setTimes(int directory, Name name, Timestamp access, Timestamp modification)
      throws IOException {
    check(
        c.utimensat(directory, bytes(name), times(access, modification), AT_SYMLINK_NOFOLLOW),
        name + ": times");
  }

  void setXattr(int fd, Name attribute, byte[] value) throws IOException {
    check(c.fsetxattr(fd, bytes(attribute), value, value.length, 0), attribute.toString());
  }

  /** Of what cannot be opened: a symbolic link, a device node. Needs {@code /proc}. */
  void setXattr(int directory, Name name, Name attribute, byte[] value) throws IOException {
    Name path = Name.ofLatin1("/proc/self/fd/" + directory + "/" + name.latin1());
    check(
        c.lsetxattr(bytes(path), bytes(attribute), value, value.length, 0),
        name + ": " + attribute);
  }

  /** Writes the whole rest of a direct buffer. */
  void write(int fd, ByteBuffer bytes, long offset) throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      long written = c.pwrite(fd, bytes, bytes.remaining(), at);
      if (written < 0) {
        int error = LastError.getLastError(runtime);
        if (error == Errno.EINTR.code()) {
          continue;
        }
        throw problem(error, "write");
      }
      bytes.position(bytes.position() + (int) written);
      at += written;
    }
  }

  void setSize(int fd, long byteCount) throws IOException {
    check(c.ftruncate(fd, byteCount), "size");
  }

  /** Gives the space of a range back to the file system; it reads as zeroes then. */
  public void punchHole(int fd, long offset, long byteCount) throws IOException {
    int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    check(c.fallocate(fd, mode, offset, byteCount), "punch hole");
  }

  /** The start of the next data of a file at or after an offset; -1 where there is none. */
  public long nextData(int fd, long offset) throws IOException {
    return seek(fd, offset, SEEK_DATA);
  }

  /** The start of the next hole of a file at or after an offset; -1 past its end. */
  public long nextHole(int fd, long offset) throws IOException {
    return seek(fd, offset, SEEK_HOLE);
  }

  private long seek(int fd, long offset, int whence) throws IOException {
    long found = c.lseek(fd, offset, whence);
    if (found < 0) {
      int error = LastError.getLastError(runtime);
      if (error != Errno.ENXIO.code()) {
        throw problem(error, "seek");
      }
    }
    return found;
  }

  void close(int fd) throws IOException {
    check(c.close(fd), "close");
  }

  /** {@code dev_t} as the kernel and the C library pack it on 64-bit machines. */
  static long device(int major, int minor) {
    long high = major & 0xffff_ffffL;
    long low = minor & 0xffff_ffffL;
    return (low & 0xff) | (high & 0xfff) << 8 | (low & ~0xffL) << 12 | (high & ~0xfffL) << 32;
  }

  private static long[] times(Timestamp access, Timestamp modification) {
    return new long[] {
      access.seconds(), access.nanos(), modification.seconds(), modification.nanos()
    };
  }

  private static byte[] bytes(Name name) {
    byte[] bytes = name.bytes();
    return Arrays.copyOf(bytes, bytes.length + 1);
  }

  private int check(int result, String about) throws IOException {
    if (result < 0) {
      throw problem(LastError.getLastError(runtime), about);
    }
    return result;
  }

  static IOException problem(int code, String about) {
    for (Errno errno : Errno.values()) {
      if (errno.code() == code) {
        return new FsException(errno, about);
      }
    }
    return new IOException(about + ": error " + code);
  }
}
