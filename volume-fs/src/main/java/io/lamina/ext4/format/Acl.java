package io.lamina.ext4.format;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.ondisk.CorruptException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A POSIX access control list, and how it goes together with the permissions of its file: the
 * owner's, the others', and those of the mask, or of the group where there is no mask, are the same
 * bits twice. Immutable.
 *
 * @see <a href="https://github.com/torvalds/linux/blob/master/fs/posix_acl.c">fs/posix_acl.c</a>
 */
public final class Acl {
  private static final int SHOWN_VERSION = 2;
  private static final int HEADER_BYTES = 4;
  private static final int SHOWN_ENTRY_BYTES = 8;
  private static final int RIGHTS = 7;
  private static final int OWNER_SHIFT = 6;
  private static final int GROUP_SHIFT = 3;
  private static final int OWNER_BITS = RIGHTS << OWNER_SHIFT;
  private static final int GROUP_BITS = RIGHTS << GROUP_SHIFT;

  private record Entry(int tag, int rights, int id) {
    Entry with(int newRights) {
      return new Entry(tag, newRights, id);
    }

    boolean isNamed() {
      return tag == AclFormat.USER || tag == AclFormat.GROUP;
    }
  }

  /**
   * What a new file gets.
   *
   * @param acl its own list
   * @param permissions its permissions
   */
  public record Inherited(Acl acl, int permissions) {}

  private final List<Entry> entries;

  private Acl(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** A list as it is stored. */
  public static Acl ofStored(byte[] stored, Site site) throws CorruptException {
    return new Acl(parse(AclFormat.shown(stored, site)));
  }

  /**
   * A list as {@code setxattr} brings it, which may say what it may not: {@link #requireSound}.
   *
   * @throws FsException EINVAL for what is none, EOPNOTSUPP for another version of them
   */
  public static Acl ofShown(byte[] shown) throws FsException {
    boolean hasWholeEntries =
        shown.length >= HEADER_BYTES && (shown.length - HEADER_BYTES) % SHOWN_ENTRY_BYTES == 0;
    if (!hasWholeEntries) {
      throw new FsException(Errno.EINVAL, "an access control list of " + shown.length + " bytes");
    }
    int version = buffer(shown).getInt(0);
    if (version != SHOWN_VERSION) {
      throw new FsException(Errno.EOPNOTSUPP, "version " + version + " of access control lists");
    }
    return new Acl(parse(shown));
  }

  /**
   * Refuses a list that means nothing.
   *
   * @throws FsException EINVAL
   */
  public void requireSound() throws FsException {
    if (!isEmpty() && !isSound()) {
      throw new FsException(Errno.EINVAL, "an access control list out of order");
    }
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static List<Entry> parse(byte[] shown) {
    ByteBuffer from = buffer(shown).position(HEADER_BYTES);
    List<Entry> entries = new ArrayList<>();
    while (from.hasRemaining()) {
      entries.add(new Entry(from.getShort() & 0xffff, from.getShort() & 0xffff, from.getInt()));
    }
    return entries;
  }

  /**
   * Whether it says each thing once and in order, names users or groups only beside a mask, and
   * gives no rights that there are not.
   */
  private boolean isSound() {
    int last = 0;
    int seen = 0;
    for (Entry entry : entries) {
      boolean isKnown = (AclFormat.ALL_TAGS & entry.tag) != 0 && Integer.bitCount(entry.tag) == 1;
      boolean isRepeated = entry.tag == last && !entry.isNamed();
      if (!isKnown || entry.tag < last || isRepeated || (entry.rights & ~RIGHTS) != 0) {
        return false;
      }
      if (entry.isNamed() && entry.id == AclFormat.NO_ID) {
        return false;
      }
      last = entry.tag;
      seen |= entry.tag;
    }
    int named = seen & (AclFormat.USER | AclFormat.GROUP);
    boolean hasMask = (seen & AclFormat.MASK) != 0;
    return (seen & AclFormat.REQUIRED_TAGS) == AclFormat.REQUIRED_TAGS && (named == 0 || hasMask);
  }

  /** Whether it has no entry at all: setting it takes a list away. */
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Whether it says no more than permissions do. */
  public boolean equalsPermissions() {
    for (Entry entry : entries) {
      if (entry.isNamed() || entry.tag == AclFormat.MASK) {
        return false;
      }
    }
    return true;
  }

  /** The permissions that it stands for, put in place of nine of the given bits. */
  public int permissions(int before) {
    int permissions = before & ~(OWNER_BITS | GROUP_BITS | RIGHTS);
    boolean hasMask = hasMask();
    for (Entry entry : entries) {
      if (entry.tag == AclFormat.USER_OBJECT) {
        permissions |= entry.rights << OWNER_SHIFT;
      } else if (entry.tag == AclFormat.OTHER) {
        permissions |= entry.rights;
      } else if (isGroupClass(entry, hasMask)) {
        permissions |= entry.rights << GROUP_SHIFT;
      }
    }
    return permissions;
  }

  private boolean hasMask() {
    for (Entry entry : entries) {
      if (entry.tag == AclFormat.MASK) {
        return true;
      }
    }
    return false;
  }

  private static boolean isGroupClass(Entry entry, boolean hasMask) {
    return entry.tag == (hasMask ? AclFormat.MASK : AclFormat.GROUP_OBJECT);
  }

  /** This list after a {@code chmod}. */
  public Acl withPermissions(int permissions) {
    List<Entry> changed = new ArrayList<>();
    boolean hasMask = hasMask();
    for (Entry entry : entries) {
      if (entry.tag == AclFormat.USER_OBJECT) {
        changed.add(entry.with(permissions >>> OWNER_SHIFT & RIGHTS));
      } else if (entry.tag == AclFormat.OTHER) {
        changed.add(entry.with(permissions & RIGHTS));
      } else if (isGroupClass(entry, hasMask)) {
        changed.add(entry.with(permissions >>> GROUP_SHIFT & RIGHTS));
      } else {
        changed.add(entry);
      }
    }
    return new Acl(changed);
  }

  /**
   * What a new file gets of this, its directory's default: no right that its maker did not ask for.
   *
   * @param asked the permissions that were asked for
   */
  public Inherited inherit(int asked) {
    int allowed = permissions(0);
    int permissions = asked & (allowed | ~(OWNER_BITS | GROUP_BITS | RIGHTS));
    return new Inherited(withPermissions(permissions), permissions);
  }

  /** It as it is stored. */
  public byte[] stored() {
    return AclFormat.stored(shown());
  }

  private byte[] shown() {
    byte[] bytes = new byte[HEADER_BYTES + entries.size() * SHOWN_ENTRY_BYTES];
    ByteBuffer shown = buffer(bytes);
    shown.putInt(SHOWN_VERSION);
    for (Entry entry : entries) {
      shown.putShort((short) entry.tag).putShort((short) entry.rights).putInt(entry.id);
    }
    return bytes;
  }
}
