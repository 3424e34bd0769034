package io.lamina.ext4;

import io.lamina.ext4.format.Acl;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.StoredXattr;
import io.lamina.ext4.format.XattrNames;
import io.lamina.fs.FileType;
import io.lamina.fs.NewFile;
import io.lamina.fs.Owner;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes inodes for new files, with what they take over from their directory. */
final class NewFiles {
  private static final int SET_GROUP_ID = 02000;
  private static final int PERMISSIONS = 07777;
  private static final int LINK_PERMISSIONS = 0777;
  private static final int OLD_DEVICE_MAX = 255;
  private static final int BASE_CREDITS = 12;
  private static final XattrNames.Stored DEFAULT_ACL =
      new XattrNames.Stored(XattrNames.ACL_DEFAULT, "");
  private static final XattrNames.Stored ACCESS_ACL =
      new XattrNames.Stored(XattrNames.ACL_ACCESS, "");

  private final Files files;
  private final XattrStore xattrs;

  NewFiles(Files files, XattrStore xattrs) {
    this.files = files;
    this.xattrs = xattrs;
  }

  /**
   * What is to be made, all that can be said before there is an inode.
   *
   * @param mode type and permissions
   * @param flags {@link InodeFlags}
   * @param attributes its extended attributes
   */
  record Plan(NewFile file, int mode, Owner owner, int flags, XattrChange attributes) {
    FileType type() {
      return file.type();
    }

    /** How many blocks of metadata making its inode may touch. */
    int credits() {
      return BASE_CREDITS + (attributes.hasBlock() ? XattrStore.CREDITS : 0);
    }

    /** How many blocks its attributes may take. */
    int newBlocks() {
      return attributes.hasBlock() ? 1 : 0;
    }
  }

  /** Plans a file of a directory. */
  Plan plan(WritableInode directory, NewFile file) throws IOException {
    RawInode parent = directory.raw();
    boolean isDirectory = file.type() == FileType.DIRECTORY;
    int permissions = file.permissions() & PERMISSIONS;
    Owner owner = file.owner();
    if ((parent.mode() & SET_GROUP_ID) != 0) {
      owner = new Owner(owner.userId(), parent.groupId());
      permissions |= isDirectory ? SET_GROUP_ID : 0;
    }
    int flags =
        switch (file.type()) {
          case DIRECTORY -> InodeFlags.inheritedByDirectory(parent.flags());
          case REGULAR -> InodeFlags.inheritedByFile(parent.flags());
          default -> InodeFlags.inheritedByOthers(parent.flags());
        };
    List<StoredXattr> attributes = new ArrayList<>();
    Acl defaultAcl = file.type() == FileType.SYMLINK ? null : defaultAcl(directory);
    if (defaultAcl == null) {
      permissions &= ~file.umask();
    } else {
      Acl.Inherited inherited = defaultAcl.inherit(permissions);
      permissions = inherited.permissions();
      if (!inherited.acl().equalsPermissions()) {
        attributes.add(StoredXattr.of(ACCESS_ACL, inherited.acl().stored()));
      }
      if (isDirectory) {
        attributes.add(StoredXattr.of(DEFAULT_ACL, defaultAcl.stored()));
      }
    }
    return new Plan(
        file,
        file.type().modeBits() | permissions,
        owner,
        flags,
        xattrs.start(attributes, files.requireWriting().inodes().extraBytes()));
  }

  /** Plans a symbolic link. */
  Plan planSymlink(WritableInode directory, Owner owner) throws IOException {
    return plan(directory, new NewFile(FileType.SYMLINK, LINK_PERMISSIONS, 0, owner, 0, 0));
  }

  private @Nullable Acl defaultAcl(WritableInode directory) throws IOException {
    StoredXattr stored = xattrs.get(directory, DEFAULT_ACL);
    return stored == null ? null : Acl.ofStored(stored.value(), directory.site());
  }

  /**
   * Takes an inode and fills it; its content, its names and the storing are the caller's.
   *
   * @throws io.lamina.fs.FsException ENOSPC when there is none; nothing has been changed then
   */
  WritableInode make(
      Handle handle, WritableInode directory, Plan plan, Timestamp now, LockedFiles locked)
      throws IOException {
    boolean isDirectory = plan.type() == FileType.DIRECTORY;
    WritableInode inode =
        locked.adopt(
            files.requireWriting().inodes().allocate(handle, directory.inodeNr(), isDirectory));
    RawInode raw = inode.raw();
    raw.setMode(plan.mode());
    raw.setUserId(plan.owner().userId());
    raw.setGroupId(plan.owner().groupId());
    raw.setFlags(plan.flags());
    raw.setLinkCount(1);
    raw.setAccessTime(now.seconds(), now.nanos());
    raw.setChangeTime(now.seconds(), now.nanos());
    raw.setModificationTime(now.seconds(), now.nanos());
    raw.setCreationTime(now.seconds(), now.nanos());
    if (plan.type() == FileType.REGULAR) {
      NewMap.start(files.volume(), raw);
    } else if (plan.file().deviceMajor() != 0 || plan.file().deviceMinor() != 0) {
      putDevice(raw, plan.file());
    }
    xattrs.apply(handle, inode, plan.attributes(), locked);
    return inode;
  }

  /** Numbers of 8 bits in the old form, others in the new one. */
  private static void putDevice(RawInode raw, NewFile file) {
    int major = file.deviceMajor();
    int minor = file.deviceMinor();
    if (major <= OLD_DEVICE_MAX && minor <= OLD_DEVICE_MAX) {
      raw.setBlockMap(0, (long) major << Byte.SIZE | minor);
    } else {
      long wide = (minor & 0xff) | (long) major << Byte.SIZE | (minor & ~0xffL) << 12;
      raw.setBlockMap(1, wide);
    }
  }
}
