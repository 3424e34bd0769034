package io.lamina.ext4.format;

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

  private static final String INLINE_DATA = "data";

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
          case USER -> "user.";
          case ACL_ACCESS -> "system.posix_acl_access";
          case ACL_DEFAULT -> "system.posix_acl_default";
          case 4 -> "trusted.";
          case 6 -> "security.";
          case SYSTEM -> "system.";
          case 8 -> "system.richacl";
          case 10 -> "gnu.";
          default -> null;
        };
    return prefix == null || isInlineData(entry) ? null : prefix + entry.name();
  }

  /** Whether it holds the end of a file whose content lies in its inode. */
  public static boolean isInlineData(XattrEntry entry) {
    return entry.nameIndex() == SYSTEM && entry.name().equals(INLINE_DATA);
  }

  /** Whether it is an access control list, stored in a form of its own. */
  public static boolean isAcl(XattrEntry entry) {
    return entry.nameIndex() == ACL_ACCESS || entry.nameIndex() == ACL_DEFAULT;
  }
}
