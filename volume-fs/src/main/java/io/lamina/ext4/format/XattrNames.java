package io.lamina.ext4.format;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.XattrKind;
import org.jspecify.annotations.Nullable;

/** The starts of attribute names that are stored as a number, and which names are shown. */
public final class XattrNames {
  /** {@code user.} */
  public static final int USER = 1;

  /** The whole name {@code system.posix_acl_access}. */
  public static final int ACL_ACCESS = 2;

  /** The whole name {@code system.posix_acl_default}. */
  public static final int ACL_DEFAULT = 3;

  /** {@code system.}: also the end of an inline file, as {@code system.data}. */
  public static final int SYSTEM = 7;

  private static final int TRUSTED = 4;
  private static final int SECURITY = 6;
  private static final String INLINE_DATA = "data";

  /**
   * How a name is stored.
   *
   * @param nameIndex stands for its start
   * @param name the rest of it, each char one byte
   */
  public record Stored(int nameIndex, String name) {}

  private XattrNames() {}

  /**
   * The whole name of an attribute, each char one byte.
   *
   * @return null for what is no attribute to the outside: inline data, the context of encryption,
   *     what has an unknown number
   */
  public static @Nullable String shown(XattrEntry entry) {
    String prefix =
        switch (entry.nameIndex()) {
          case USER -> XattrKind.USER.start();
          case ACL_ACCESS -> XattrKind.ACL_ACCESS.start();
          case ACL_DEFAULT -> XattrKind.ACL_DEFAULT.start();
          case TRUSTED -> XattrKind.TRUSTED.start();
          case SECURITY -> XattrKind.SECURITY.start();
          case SYSTEM -> "system.";
          case 8 -> "system.richacl";
          case 10 -> "gnu.";
          default -> null;
        };
    return prefix == null || isInlineData(entry) ? null : prefix + entry.name();
  }

  /** Does nothing for a name that may be set; else as {@link #stored}. */
  public static void requireKnown(Name name) throws FsException {
    var unused = stored(name);
  }

  /**
   * How a name is stored.
   *
   * @throws FsException EOPNOTSUPP for one that may not be set; EINVAL for the bare start of one
   *     that may
   */
  public static Stored stored(Name name) throws FsException {
    XattrKind kind = XattrKind.of(name);
    if (kind == null) {
      throw new FsException(Errno.EOPNOTSUPP, "attribute " + name);
    }
    String rest = name.latin1().substring(kind.start().length());
    if (rest.isEmpty() && !kind.isWholeName()) {
      throw new FsException(Errno.EINVAL, "attribute " + name);
    }
    return new Stored(nameIndex(kind), rest);
  }

  private static int nameIndex(XattrKind kind) {
    return switch (kind) {
      case USER -> USER;
      case ACL_ACCESS -> ACL_ACCESS;
      case ACL_DEFAULT -> ACL_DEFAULT;
      case TRUSTED -> TRUSTED;
      case SECURITY -> SECURITY;
    };
  }

  /** Whether it holds the end of a file whose content lies in its inode. */
  public static boolean isInlineData(XattrEntry entry) {
    return isInlineData(new Stored(entry.nameIndex(), entry.name()));
  }

  /** The same of a stored name. */
  public static boolean isInlineData(Stored key) {
    return key.nameIndex() == SYSTEM && key.name().equals(INLINE_DATA);
  }

  /** Whether it is an access control list, stored in a form of its own. */
  public static boolean isAcl(XattrEntry entry) {
    return entry.nameIndex() == ACL_ACCESS || entry.nameIndex() == ACL_DEFAULT;
  }
}
