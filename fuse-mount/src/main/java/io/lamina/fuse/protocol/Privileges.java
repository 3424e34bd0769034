package io.lamina.fuse.protocol;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;

/**
 * The bits that let a program run as its owner or group. A file loses them when somebody changes
 * its content or its owner.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/fuse/fuse.html">fuse.html</a>
 */
final class Privileges {
  private static final int SET_USER_ID = 04000;
  private static final int SET_GROUP_ID = 02000;
  private static final int GROUP_EXECUTES = 0010;

  private static final Name CAPABILITY = Name.of("security.capability");

  private Privileges() {}

  /** Whether an extended attribute holds capabilities. */
  static boolean isCapability(Name name) {
    return name.equals(CAPABILITY);
  }

  /** Takes capabilities from a file, whoever changes its content. */
  static void dropCapability(Node node) throws IOException {
    if (node.xattr(CAPABILITY) != null) {
      node.removeXattr(CAPABILITY);
    }
  }

  /**
   * Takes them from a file.
   *
   * @return whether it had any
   */
  static boolean drop(Node node) throws IOException {
    Attributes attributes = node.attributes();
    int left = without(attributes);
    if (left == attributes.permissions()) {
      return false;
    }
    node.change(AttributeChange.NONE.withPermissions(left));
    return true;
  }

  /** The permissions that a file has without them. On a directory the bits mean something else. */
  static int without(Attributes attributes) {
    int permissions = attributes.permissions();
    if (attributes.isDirectory()) {
      return permissions;
    }
    boolean byGroup = (permissions & GROUP_EXECUTES) != 0;
    return permissions & ~(SET_USER_ID | (byGroup ? SET_GROUP_ID : 0));
  }

  /**
   * Takes the one bit that a change of an access control list takes from who is not of the group.
   */
  static void dropSetGroupId(Node node) throws IOException {
    int permissions = node.attributes().permissions();
    if ((permissions & SET_GROUP_ID) != 0) {
      node.change(AttributeChange.NONE.withPermissions(permissions & ~SET_GROUP_ID));
    }
  }
}
