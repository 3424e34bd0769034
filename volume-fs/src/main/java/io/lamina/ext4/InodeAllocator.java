package io.lamina.ext4;

import io.lamina.ext4.format.Bitmap;
import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.GroupDescriptor;
import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.Site;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Hands out inodes. Safe for use by many threads. */
final class InodeAllocator {
  private final Volume volume;
  private final Geometry geometry;
  private final BlockGroups groups;
  private final GroupChoice choice;
  private final LiveInodes live;
  private final AtomicLong free = new AtomicLong();

  InodeAllocator(Volume volume, BlockGroups groups, LiveInodes live) {
    this.volume = volume;
    this.geometry = volume.geometry();
    this.groups = groups;
    this.choice = new GroupChoice(groups, geometry);
    this.live = live;
    for (int nr = 0; nr < groups.count(); nr++) {
      free.addAndGet(groups.group(nr).freeInodeCount());
    }
  }

  /** Inodes that may be taken. */
  long freeCount() {
    return free.get();
  }

  /**
   * Takes an inode, all zero but for its generation and the size of its extra fields. It is not
   * stored yet: the caller fills it and stores it within the same handle.
   *
   * @param parentNr the directory that it will be named in
   * @return held once, as by {@link LiveInodes#acquire}
   * @throws FsException ENOSPC when there is none; nothing has been changed then
   */
  WritableInode allocate(Handle handle, long parentNr, boolean isDirectory) throws IOException {
    int parentGroup = (int) ((parentNr - 1) / geometry.inodesPerGroup());
    int first =
        isDirectory
            ? choice.forDirectory(parentGroup, parentNr == InodeTable.ROOT)
            : choice.forFile(parentGroup);
    for (int i = 0; i < groups.count(); i++) {
      BlockGroup group = groups.group((first + i) % groups.count());
      synchronized (group) {
        int index = group.freeInodeCount() == 0 ? -1 : firstFree(group);
        if (index >= 0) {
          take(handle, group, index, isDirectory);
          long inodeNr = group.nr() * geometry.inodesPerGroup() + index + 1;
          return live.adopt(inodeNr, blank());
        }
      }
    }
    throw new FsException(Errno.ENOSPC, volume.device().name() + ": no inode");
  }

  /** Whether an inode is in use. */
  boolean isUsed(long inodeNr) throws IOException {
    BlockGroup group = group(inodeNr);
    synchronized (group) {
      return Bitmap.isSet(groups.inodeBitmap(group), index(inodeNr));
    }
  }

  /** Takes an inode that is not in use. */
  void take(Handle handle, long inodeNr, boolean isDirectory) throws IOException {
    BlockGroup group = group(inodeNr);
    synchronized (group) {
      take(handle, group, index(inodeNr), isDirectory);
    }
  }

  private BlockGroup group(long inodeNr) {
    return groups.group((int) ((inodeNr - 1) / geometry.inodesPerGroup()));
  }

  private int index(long inodeNr) {
    return (int) ((inodeNr - 1) % geometry.inodesPerGroup());
  }

  private int firstFree(BlockGroup group) throws IOException {
    ByteBuffer bitmap = groups.inodeBitmap(group);
    int reserved = group.nr() == 0 ? (int) volume.superblock().firstInodeNr() - 1 : 0;
    int index = Bitmap.nextClear(bitmap, reserved, geometry.inodesPerGroup());
    return index < geometry.inodesPerGroup() ? index : -1;
  }

  private void take(Handle handle, BlockGroup group, int index, boolean isDirectory)
      throws IOException {
    if (volume.checksums().coverGroups()) {
      groups.modifyBlockBitmap(handle, group); // no inode lives in a group without one
    }
    ByteBuffer bitmap = groups.modifyInodeBitmap(handle, group);
    Bitmap.set(bitmap, index, index + 1);
    GroupDescriptor descriptor = groups.modify(handle, group);
    descriptor.setFreeInodeCount(descriptor.freeInodeCount() - 1);
    if (isDirectory) {
      descriptor.setDirectoryCount(descriptor.directoryCount() + 1);
      group.addDirectories(1);
    }
    if (volume.checksums().coverGroups()) {
      extendUsed(handle, descriptor, index);
    }
    groups.sealInodeBitmap(descriptor, bitmap);
    group.addFreeInodes(-1);
    free.decrementAndGet();
  }

  /** Brings the part of the table into use that an inode lies in: until then it holds anything. */
  private void extendUsed(Handle handle, GroupDescriptor descriptor, int index) {
    long used = geometry.inodesPerGroup() - descriptor.unusedInodeCount();
    if (index < used) {
      return;
    }
    int perBlock = geometry.blockBytes() / geometry.inodeBytes();
    long firstBlock = (used + perBlock - 1) / perBlock;
    for (long block = firstBlock; block <= index / perBlock; block++) {
      handle.fresh(descriptor.inodeTableBlockNr() + block);
    }
    descriptor.setUnusedInodeCount(geometry.inodesPerGroup() - index - 1);
  }

  private RawInode blank() {
    RawInode raw = RawInode.blank(geometry.inodeBytes());
    raw.setGeneration(ThreadLocalRandom.current().nextInt());
    if (geometry.inodeBytes() > RawInode.GOOD_OLD_BYTES) {
      raw.setExtraBytes(extraBytes());
    }
    return raw;
  }

  /** Bytes of extra fields that new inodes have. */
  int extraBytes() {
    int room = geometry.inodeBytes() - RawInode.GOOD_OLD_BYTES;
    return Math.min(room, Math.max(volume.superblock().wantedExtraBytes(), RawInode.EXTRA_BYTES));
  }

  /** Gives an inode back. It has been stored, with its deletion time and without links. */
  void free(Handle handle, WritableInode inode) throws IOException {
    int index = index(inode.inodeNr());
    BlockGroup group = group(inode.inodeNr());
    synchronized (group) {
      ByteBuffer bitmap = groups.modifyInodeBitmap(handle, group);
      if (!Bitmap.isSet(bitmap, index)) {
        throw new Site(
                "ext4 inode bitmap of group",
                group.nr(),
                groups.descriptor(group).inodeBitmapBlockNr())
            .damage("bit of inode " + inode.inodeNr(), 1, 0);
      }
      Bitmap.clear(bitmap, index, index + 1);
      GroupDescriptor descriptor = groups.modify(handle, group);
      descriptor.setFreeInodeCount(descriptor.freeInodeCount() + 1);
      if (inode.isDirectory()) {
        descriptor.setDirectoryCount(descriptor.directoryCount() - 1);
        group.addDirectories(-1);
      }
      groups.sealInodeBitmap(descriptor, bitmap);
      group.addFreeInodes(1);
    }
    free.incrementAndGet();
  }
}
