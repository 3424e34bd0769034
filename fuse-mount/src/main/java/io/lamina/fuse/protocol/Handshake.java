package io.lamina.fuse.protocol;

import java.nio.ByteBuffer;

/**
 * {@code FUSE_INIT}: what the kernel offers and what is taken of it.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/fuse/fuse.html">fuse.html</a>
 */
final class Handshake {
  static final int MAJOR = 7;

  /** The oldest version with all that is used here: Linux 5.4. */
  static final int MINOR = 31;

  /** {@code fuse_init_out} since version 7.23. */
  static final int REPLY_BYTES = 64;

  private static final int ASYNC_READ = 1;
  private static final int ATOMIC_O_TRUNC = 1 << 3;
  private static final int BIG_WRITES = 1 << 5;
  private static final int DONT_MASK = 1 << 6;
  private static final int IOCTL_DIR = 1 << 11;
  private static final int DO_READDIRPLUS = 1 << 13;
  private static final int READDIRPLUS_AUTO = 1 << 14;
  private static final int ASYNC_DIO = 1 << 15;
  private static final int PARALLEL_DIROPS = 1 << 18;
  private static final int POSIX_ACL = 1 << 20;
  private static final int MAX_PAGES = 1 << 22;
  private static final int CACHE_SYMLINKS = 1 << 23;
  private static final int NO_OPENDIR_SUPPORT = 1 << 24;
  private static final int HANDLE_KILLPRIV_V2 = 1 << 28;
  private static final int SETXATTR_EXT = 1 << 29;

  /** There is a second word of flags. */
  private static final int INIT_EXT = 1 << 30;

  /** Of the second word. */
  private static final int DIRECT_IO_ALLOW_MMAP = 1 << (36 - 32);

  /**
   * Not among them: that the kernel keeps what is written and sends it later. An application is
   * then told of a full disk when it closes the file, or never.
   */
  private static final int WANTED =
      ASYNC_READ
          | ATOMIC_O_TRUNC
          | BIG_WRITES
          | DONT_MASK
          | IOCTL_DIR
          | DO_READDIRPLUS
          | READDIRPLUS_AUTO
          | ASYNC_DIO
          | PARALLEL_DIROPS
          | MAX_PAGES
          | CACHE_SYMLINKS
          | NO_OPENDIR_SUPPORT
          | HANDLE_KILLPRIV_V2
          | SETXATTR_EXT
          | INIT_EXT;

  private static final int MAX_BACKGROUND = 64;
  private static final int CONGESTION_THRESHOLD = 48;

  private Handshake() {}

  /** Whether the kernel that sent this first request speaks a version new enough. */
  static boolean isSupported(Request request) {
    return request.opcode() == Opcode.INIT
        && request.u32(0) == MAJOR
        && request.u32(4) >= MINOR
        && (request.u32(12) & NO_OPENDIR_SUPPORT) != 0;
  }

  /** Whether a kernel that is answered here sends {@code SETXATTR} in its longer form. */
  static boolean extendsSetxattr(Request request) {
    return (request.u32(12) & SETXATTR_EXT) != 0;
  }

  /**
   * Whether a kernel that is answered here lets a file be mapped that is read and written past its
   * cache, and drops from the cache what is written so: Linux 6.6.
   */
  static boolean mapsDirectFiles(Request request) {
    return (request.u32(12) & INIT_EXT) != 0 && (request.u32(16) & DIRECT_IO_ALLOW_MMAP) != 0;
  }

  /** Writes the answer. */
  static int answer(Request request, ByteBuffer out, ServerOptions options) {
    int wanted = options.kernelChecksAccess() ? WANTED | POSIX_ACL : WANTED;
    for (int at = 0; at < REPLY_BYTES; at += Long.BYTES) {
      out.putLong(at, 0);
    }
    out.putInt(0, MAJOR);
    out.putInt(4, MINOR);
    out.putInt(8, Math.min(request.u32(8), Server.MAX_READ_BYTES));
    out.putInt(12, request.u32(12) & wanted);
    out.putShort(16, (short) MAX_BACKGROUND);
    out.putShort(18, (short) CONGESTION_THRESHOLD);
    out.putInt(20, Server.MAX_WRITE_BYTES);
    out.putInt(24, 1); // times are told in nanoseconds
    out.putShort(28, (short) (Server.MAX_READ_BYTES / Server.PAGE_BYTES));
    out.putInt(32, mapsDirectFiles(request) ? DIRECT_IO_ALLOW_MMAP : 0);
    return REPLY_BYTES;
  }
}
