package io.lamina.fuse.protocol;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.XattrKind;
import io.lamina.fs.XattrMode;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** What the calls about extended attributes have in common. */
public final class Xattrs {
  private static final int XATTR_CREATE = 1;
  private static final int XATTR_REPLACE = 2;

  private Xattrs() {}

  /** What {@code listxattr} gives: the names that a user may see, each ended by a zero byte. */
  public static byte[] list(List<Name> names, boolean forRoot) {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    for (Name name : names) {
      if (forRoot || XattrKind.of(name) != XattrKind.TRUSTED) {
        list.writeBytes(name.bytes());
        list.write(0);
      }
    }
    return list.toByteArray();
  }

  /** What the flags of {@code setxattr} say. */
  public static XattrMode mode(int flags) throws FsException {
    return switch (flags) {
      case 0 -> XattrMode.ANY;
      case XATTR_CREATE -> XattrMode.CREATE;
      case XATTR_REPLACE -> XattrMode.REPLACE;
      case XATTR_CREATE | XATTR_REPLACE -> XattrMode.CREATE_AND_REPLACE;
      default -> throw new FsException(Errno.EINVAL, "setxattr with flags " + flags);
    };
  }
}
