package io.lamina.ext4;

import io.lamina.ext4.format.Acl;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.StoredXattr;
import io.lamina.ext4.format.XattrNames;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Timestamp;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes what a file says of itself: attributes, extended attributes, flags, times. */
final class AttributeStore {
  private static final Logger log = LoggerFactory.getLogger(AttributeStore.class);
  private static final int CREDITS = 4;
  private static final int PERMISSIONS = 07777;
  private static final int XATTR_NAME_MAX_BYTES = 255;
  private static final int FROZEN = InodeFlags.IMMUTABLE | InodeFlags.APPEND;
  private static final long DAY_SECONDS = 24 * 60 * 60;
  private static final XattrNames.Stored ACCESS_ACL =
      new XattrNames.Stored(XattrNames.ACL_ACCESS, "");

  private final Files files;
  private final Writing writing;
  private final XattrStore xattrs;

  AttributeStore(Files files, Writing writing, XattrStore xattrs) {
    this.files = files;
    this.writing = writing;
    this.xattrs = xattrs;
  }

  /** As {@link io.lamina.fs.Node#change}, but for the size. */
  void change(Ext4Node node, AttributeChange change) throws IOException {
    try (LockedFiles locked = new LockedFiles(files)) {
      WritableInode inode = locked.lock(locked.hold(node));
      Namespace.requireMutable(inode, InodeFlags.IMMUTABLE);
      boolean isOwners =
          change.permissions() != null || change.userId() != null || change.groupId() != null;
      if (isOwners) {
        Namespace.requireMutable(inode, InodeFlags.APPEND);
      }
      Integer permissions = change.permissions();
      XattrChange acl = permissions == null ? null : aclAfterChmod(inode, permissions);
      writing.within(
          credits(acl),
          acl == null ? 0 : xattrs.newBlocksFor(acl),
          handle -> {
            apply(inode.raw(), change);
            if (acl != null) {
              xattrs.apply(handle, inode, acl, locked);
            }
            finish(handle, inode);
          });
    }
  }

  private int credits(@Nullable XattrChange change) {
    return CREDITS + (change == null ? 0 : xattrs.creditsFor(change));
  }

  /** Its change time is now, and it is stored. */
  private static void finish(Handle handle, WritableInode inode) throws IOException {
    Timestamp now = Timestamp.now();
    inode.raw().setChangeTime(now.seconds(), now.nanos());
    inode.store(handle);
  }

  private @Nullable XattrChange aclAfterChmod(WritableInode inode, int permissions)
      throws IOException {
    XattrLayout before = xattrs.layout(inode);
    StoredXattr stored = before.get(ACCESS_ACL);
    if (stored == null) {
      return null;
    }
    Acl acl = Acl.ofStored(stored.value(), inode.site()).withPermissions(permissions);
    return xattrs.set(inode, before, ACCESS_ACL, acl.stored());
  }

  private static void apply(RawInode raw, AttributeChange change) {
    Integer permissions = change.permissions();
    Long userId = change.userId();
    Long groupId = change.groupId();
    Timestamp accessed = change.accessTime();
    Timestamp modified = change.modificationTime();
    if (permissions != null) {
      raw.setMode((raw.mode() & ~PERMISSIONS) | (permissions & PERMISSIONS));
    }
    if (userId != null) {
      raw.setUserId(userId);
    }
    if (groupId != null) {
      raw.setGroupId(groupId);
    }
    if (accessed != null) {
      raw.setAccessTime(clamped(raw, accessed), accessed.nanos());
    }
    if (modified != null) {
      raw.setModificationTime(clamped(raw, modified), modified.nanos());
    }
  }

  /** The nearest second that an inode has room for. */
  private static long clamped(RawInode raw, Timestamp time) {
    boolean isWide = raw.extraBytes() > 0;
    long last = isWide ? (3L << Integer.SIZE) + Integer.MAX_VALUE : Integer.MAX_VALUE;
    return Math.max(Integer.MIN_VALUE, Math.min(last, time.seconds()));
  }

  /** As {@link io.lamina.fs.Node#setXattr}. */
  void setXattr(Ext4Node node, Name name, byte[] value, XattrMode mode) throws IOException {
    XattrNames.Stored key = requireKey(name);
    try (LockedFiles locked = new LockedFiles(files)) {
      WritableInode inode = locked.lock(locked.hold(node));
      Namespace.requireMutable(inode, FROZEN);
      XattrLayout before = xattrs.layout(inode);
      requireMode(before.get(key), name, mode);
      if (isAcl(key)) {
        setAcl(inode, before, key, value, locked);
      } else {
        put(inode, xattrs.set(inode, before, key, value), inode.raw().mode(), locked);
      }
    }
  }

  private static XattrNames.Stored requireKey(Name name) throws FsException {
    XattrNames.Stored key = XattrNames.stored(name);
    if (key.name().length() > XATTR_NAME_MAX_BYTES) {
      throw new FsException(Errno.ERANGE, "attribute " + name);
    }
    return key;
  }

  private static boolean isAcl(XattrNames.Stored key) {
    return key.nameIndex() == XattrNames.ACL_ACCESS || key.nameIndex() == XattrNames.ACL_DEFAULT;
  }

  private static void requireMode(@Nullable StoredXattr present, Name name, XattrMode mode)
      throws FsException {
    if (present != null && !mode.allowsPresent()) {
      throw new FsException(Errno.EEXIST, "attribute " + name);
    }
    if (present == null && !mode.allowsMissing()) {
      throw new FsException(Errno.ENODATA, "attribute " + name);
    }
  }

  private void put(WritableInode inode, XattrChange change, int mode, LockedFiles locked)
      throws IOException {
    writing.within(
        credits(change),
        xattrs.newBlocksFor(change),
        handle -> {
          xattrs.apply(handle, inode, change, locked);
          inode.raw().setMode(mode);
          finish(handle, inode);
        });
  }

  /** A list that says no more than permissions do is not kept: the permissions are. */
  private void setAcl(
      WritableInode inode,
      XattrLayout before,
      XattrNames.Stored key,
      byte[] value,
      LockedFiles locked)
      throws IOException {
    if (inode.inode().type() == FileType.SYMLINK) {
      throw new FsException(Errno.EOPNOTSUPP, "access control list of a symbolic link");
    }
    Acl acl = Acl.ofShown(value);
    boolean isDefault = key.nameIndex() == XattrNames.ACL_DEFAULT;
    if (isDefault && !acl.isEmpty() && !inode.isDirectory()) {
      throw new FsException(Errno.EACCES, "default access control list of a file");
    }
    acl.requireSound();
    int mode = inode.raw().mode();
    boolean isNeeded = !acl.isEmpty() && (isDefault || !acl.equalsPermissions());
    if (!isDefault && !acl.isEmpty()) {
      mode = acl.permissions(mode);
    }
    XattrChange change =
        isNeeded ? xattrs.set(inode, before, key, acl.stored()) : xattrs.remove(before, key);
    put(inode, change, mode, locked);
  }

  /** As {@link io.lamina.fs.Node#removeXattr}. */
  void removeXattr(Ext4Node node, Name name) throws IOException {
    XattrNames.Stored key = requireKey(name);
    try (LockedFiles locked = new LockedFiles(files)) {
      WritableInode inode = locked.lock(locked.hold(node));
      Namespace.requireMutable(inode, FROZEN);
      XattrLayout before = xattrs.layout(inode);
      if (isAcl(key) && before.get(key) == null) {
        return; // what has no list has what was asked for
      }
      requireMode(before.get(key), name, XattrMode.REPLACE);
      put(inode, xattrs.remove(before, key), inode.raw().mode(), locked);
    }
  }

  /** As {@link io.lamina.fs.Node#setFlags}. */
  void setFlags(Ext4Node node, int flags) throws IOException {
    try (LockedFiles locked = new LockedFiles(files)) {
      WritableInode inode = locked.lock(locked.hold(node));
      int before = inode.raw().flags();
      int fixed = InodeFlags.USER_VISIBLE & ~InodeFlags.USER_MODIFIABLE;
      if ((flags & ~InodeFlags.USER_VISIBLE) != 0 || ((flags ^ before) & fixed) != 0) {
        throw new FsException(Errno.EOPNOTSUPP, String.format("flags 0x%x", flags));
      }
      int after = (before & ~InodeFlags.USER_MODIFIABLE) | (flags & InodeFlags.USER_MODIFIABLE);
      writing.within(
          CREDITS,
          0,
          handle -> {
            inode.raw().setFlags(after);
            finish(handle, inode);
          });
    }
  }

  /**
   * A file has been read: its access time becomes now, where that is older than its other times or
   * a day old. Reading does not fail because of it, nor does fsync wait for it.
   */
  void touchAccessTime(WritableInode inode) throws IOException {
    Timestamp now = Timestamp.now();
    if (!isAccessTimeOld(inode.inode(), now)) {
      return;
    }
    inode.lock().writeLock().lock();
    try {
      if (!inode.isDeleted()) {
        writing.within(
            CREDITS,
            0,
            handle -> {
              inode.raw().setAccessTime(now.seconds(), now.nanos());
              inode.storeUnimportant(handle);
            });
      }
    } catch (FsException e) {
      log.debug("{}: its access time stays: {}", inode.site(), e.getMessage());
    } finally {
      inode.lock().writeLock().unlock();
    }
  }

  private static boolean isAccessTimeOld(Inode inode, Timestamp now) {
    if (inode.has(InodeFlags.NO_ACCESS_TIME)) {
      return false;
    }
    Timestamp accessed = inode.attributes().accessTime();
    return compare(accessed, inode.attributes().modificationTime()) <= 0
        || compare(accessed, inode.attributes().changeTime()) <= 0
        || now.seconds() - accessed.seconds() >= DAY_SECONDS;
  }

  private static int compare(Timestamp a, Timestamp b) {
    int bySeconds = Long.compare(a.seconds(), b.seconds());
    return bySeconds != 0 ? bySeconds : Integer.compare(a.nanos(), b.nanos());
  }
}
