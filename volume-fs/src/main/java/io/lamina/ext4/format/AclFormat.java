package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Layout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Access control lists: stored with entries of 4 or 8 bytes (version 1), handed out as {@code
 * getxattr} gives them, with entries of 8 bytes (version 2).
 *
 * @see <a href="https://github.com/torvalds/linux/blob/master/fs/ext4/acl.h">ext4/acl.h</a>
 */
public final class AclFormat {
  private static final Layout SHORT_ENTRY = Layout.littleEndian("ext4 acl entry, short");
  private static final Layout.U16 TAG = SHORT_ENTRY.u16("e_tag", 0);
  private static final Layout.U16 PERM = SHORT_ENTRY.u16("e_perm", 2);
  private static final int SHORT_BYTES = SHORT_ENTRY.size(4);

  private static final Layout LONG_ENTRY = Layout.littleEndian("ext4 acl entry");

  static {
    LONG_ENTRY.unused("e_tag, e_perm", 0, 4);
  }

  private static final Layout.U32 ID = LONG_ENTRY.u32("e_id", 4);
  private static final int LONG_BYTES = LONG_ENTRY.size(8);

  private static final int HEADER_BYTES = 4;
  private static final int STORED_VERSION = 1;
  private static final int SHOWN_VERSION = 2;
  static final int NO_ID = -1;

  static final int USER_OBJECT = 0x01;
  static final int USER = 0x02;
  static final int GROUP_OBJECT = 0x04;
  static final int GROUP = 0x08;
  static final int MASK = 0x10;
  static final int OTHER = 0x20;
  static final int ALL_TAGS = 0x3f;

  /** What each list says. */
  static final int REQUIRED_TAGS = USER_OBJECT | GROUP_OBJECT | OTHER;

  private AclFormat() {}

  /** Turns a stored list into the form that is shown. */
  public static byte[] shown(byte[] stored, Site site) throws CorruptException {
    ByteBuffer from = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
    if (stored.length < HEADER_BYTES || from.getInt(0) != STORED_VERSION) {
      throw site.damage("a_version of an access control list", "1", "another");
    }
    ByteBuffer to =
        ByteBuffer.allocate(HEADER_BYTES + (stored.length / SHORT_BYTES) * LONG_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    to.putInt(SHOWN_VERSION);
    int at = HEADER_BYTES;
    while (at < stored.length) {
      at += copyEntry(from, at, to, site);
    }
    byte[] shown = new byte[to.position()];
    to.get(0, shown);
    return shown;
  }

  private static int copyEntry(ByteBuffer from, int at, ByteBuffer to, Site site)
      throws CorruptException {
    int left = from.limit() - at;
    int tag = left < SHORT_BYTES ? 0 : TAG.get(from, at);
    int byteCount =
        switch (tag) {
          case USER_OBJECT, GROUP_OBJECT, MASK, OTHER -> SHORT_BYTES;
          case USER, GROUP -> LONG_BYTES;
          default -> Integer.MAX_VALUE;
        };
    if (byteCount > left) {
      throw site.damage("entry of an access control list", "a whole one", "tag " + tag);
    }
    to.putShort((short) tag).putShort((short) PERM.get(from, at));
    to.putInt(byteCount == LONG_BYTES ? ID.bits(from, at) : NO_ID);
    return byteCount;
  }

  /** Turns a list that is shown, and is sound, into the stored form. */
  static byte[] stored(byte[] shown) {
    ByteBuffer from = ByteBuffer.wrap(shown).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer to = ByteBuffer.allocate(shown.length).order(ByteOrder.LITTLE_ENDIAN);
    to.putInt(STORED_VERSION);
    for (int at = HEADER_BYTES; at < shown.length; at += LONG_BYTES) {
      int tag = TAG.get(from, at);
      to.putShort((short) tag).putShort((short) PERM.get(from, at));
      if (tag == USER || tag == GROUP) {
        to.putInt(ID.bits(from, at));
      }
    }
    byte[] stored = new byte[to.position()];
    to.get(0, stored);
    return stored;
  }
}
