package io.lamina.fuse.protocol;

/** What a request asks for; the names are the kernel's. */
final class Opcode {
  static final int LOOKUP = 1;
  static final int FORGET = 2;
  static final int GETATTR = 3;
  static final int SETATTR = 4;
  static final int READLINK = 5;
  static final int SYMLINK = 6;
  static final int MKNOD = 8;
  static final int MKDIR = 9;
  static final int UNLINK = 10;
  static final int RMDIR = 11;
  static final int RENAME = 12;
  static final int LINK = 13;
  static final int OPEN = 14;
  static final int READ = 15;
  static final int WRITE = 16;
  static final int STATFS = 17;
  static final int RELEASE = 18;
  static final int FSYNC = 20;
  static final int SETXATTR = 21;
  static final int GETXATTR = 22;
  static final int LISTXATTR = 23;
  static final int REMOVEXATTR = 24;
  static final int INIT = 26;
  // 27, OPENDIR, is refused like all that is unknown: a listing needs no handle.
  static final int READDIR = 28;
  static final int RELEASEDIR = 29;
  static final int FSYNCDIR = 30;
  static final int CREATE = 35;
  static final int INTERRUPT = 36;
  static final int DESTROY = 38;
  static final int IOCTL = 39;
  static final int NOTIFY_REPLY = 41;
  static final int BATCH_FORGET = 42;
  static final int FALLOCATE = 43;
  static final int READDIRPLUS = 44;
  static final int RENAME2 = 45;
  static final int LSEEK = 46;
  static final int COPY_FILE_RANGE = 47;
  static final int SYNCFS = 50;
  static final int TMPFILE = 51;

  private Opcode() {}

  /** What a person calls a request. */
  static String name(int opcode) {
    return switch (opcode) {
      case LOOKUP -> "lookup";
      case GETATTR -> "stat";
      case READLINK -> "readlink";
      case OPEN -> "open";
      case READ -> "read";
      case STATFS -> "statfs";
      case RELEASE -> "close";
      case GETXATTR -> "getxattr";
      case LISTXATTR -> "listxattr";
      case READDIR, READDIRPLUS -> "readdir";
      case IOCTL -> "ioctl";
      case LSEEK -> "lseek";
      case SETATTR -> "change of attributes";
      case SYMLINK -> "symlink";
      case MKNOD -> "mknod";
      case MKDIR -> "mkdir";
      case UNLINK -> "unlink";
      case RMDIR -> "rmdir";
      case RENAME, RENAME2 -> "rename";
      case LINK -> "link";
      case CREATE -> "create";
      case TMPFILE -> "create without a name";
      case WRITE -> "write";
      case COPY_FILE_RANGE -> "copy";
      case FALLOCATE -> "fallocate";
      case FSYNC, FSYNCDIR -> "fsync";
      case SYNCFS -> "syncfs";
      case SETXATTR -> "setxattr";
      case REMOVEXATTR -> "removexattr";
      default -> "request " + opcode;
    };
  }
}
