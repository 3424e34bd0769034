package io.lamina.fs;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of extended attributes that there are on Linux, though not in every file system.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/xattr.7.html">xattr(7)</a>
 */
public enum XattrKind {
  USER("user."),
  TRUSTED("trusted."),
  SECURITY("security."),
  ACL_ACCESS("system.posix_acl_access"),
  ACL_DEFAULT("system.posix_acl_default");

  private static final List<XattrKind> ALL = List.of(values());

  private final String start;

  XattrKind(String start) {
    this.start = start;
  }

  /** The kind of an attribute; null for one of none. */
  public static @Nullable XattrKind of(Name attribute) {
    String name = attribute.latin1();
    for (XattrKind kind : ALL) {
      if (kind.isWholeName() ? name.equals(kind.start) : name.startsWith(kind.start)) {
        return kind;
      }
    }
    return null;
  }

  /** How the names of its attributes start. */
  public String start() {
    return start;
  }

  /** Whether only one attribute is of this kind, called like the start. */
  public boolean isWholeName() {
    return !start.endsWith(".");
  }
}
