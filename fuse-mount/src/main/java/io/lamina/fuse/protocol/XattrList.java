package io.lamina.fuse.protocol;

import io.lamina.fs.Name;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** What {@code listxattr} gives. */
public final class XattrList {
  private static final String ROOT_ONLY = "trusted.";

  private XattrList() {}

  /** The names that a user may see, each ended by a zero byte. */
  public static byte[] bytes(List<Name> names, boolean forRoot) {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    for (Name name : names) {
      if (forRoot || !name.latin1().startsWith(ROOT_ONLY)) {
        list.writeBytes(name.bytes());
        list.write(0);
      }
    }
    return list.toByteArray();
  }
}
