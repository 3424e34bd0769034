package io.lamina.ext4;

import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.StoredXattr;
import io.lamina.fs.FileType;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Makes and releases the inodes that hold long values of attributes. Each value gets an inode of
 * its own; those that the kernel lets attributes share are counted.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/attributes.html">Extended
 *     attributes</a>
 */
final class XattrInodes {
  private static final int MAP_BLOCKS = 4;
  private static final int BASE_CREDITS = 12;
  private static final int PERMISSIONS = 0600;

  private final Files files;
  private final Volume volume;

  XattrInodes(Files files) {
    this.files = files;
    this.volume = files.volume();
  }

  /** How many blocks a value may take. */
  int blocksFor(XattrChange.Outside outside) {
    return blockCount(outside.attribute().value()) + MAP_BLOCKS;
  }

  /** How many blocks of metadata making it may touch. */
  int creditsFor(XattrChange.Outside outside) {
    return BASE_CREDITS + 3 * blocksFor(outside);
  }

  private int blockCount(byte[] value) {
    int blockBytes = volume.geometry().blockBytes();
    return (value.length + blockBytes - 1) / blockBytes;
  }

  /** Makes one, and tells what the attribute's entry is to say. */
  StoredXattr create(
      Handle handle, WritableInode owner, XattrChange.Outside outside, LockedFiles locked)
      throws IOException {
    byte[] value = outside.attribute().value();
    WritableInode inode =
        locked.adopt(files.requireWriting().inodes().allocate(handle, owner.inodeNr(), false));
    int hash = volume.checksums().ofValue(value);
    RawInode raw = inode.raw();
    Timestamp now = Timestamp.now();
    raw.setMode(FileType.REGULAR.modeBits() | PERMISSIONS);
    raw.setUserId(owner.raw().userId());
    raw.setGroupId(owner.raw().groupId());
    raw.setLinkCount(1);
    raw.setFlags(InodeFlags.EA_INODE);
    raw.setModificationTime(now.seconds(), now.nanos());
    raw.setCreationTime(now.seconds(), now.nanos());
    raw.setAccessTime(hash, 0);
    raw.setValueReferences(1);
    NewMap.start(volume, raw);
    write(handle, inode, value);
    inode.store(handle);
    SectorCount.add(volume, owner.raw(), chargedBlocks(value.length));
    return StoredXattr.inInode(outside.attribute().key(), inode.inodeNr(), value.length, hash);
  }

  private void write(Handle handle, WritableInode inode, byte[] value) throws IOException {
    int blockBytes = volume.geometry().blockBytes();
    for (int i = 0; i < blockCount(value); i++) {
      ByteBuffer block = NewMap.append(files, handle, inode, i);
      int from = i * blockBytes;
      block.put(0, value, from, Math.min(blockBytes, value.length - from));
    }
    inode.raw().setSize(value.length);
  }

  /** The blocks that a file is charged for a value, however many share it: whole clusters. */
  private long chargedBlocks(int byteCount) {
    long clusterBytes = (long) volume.geometry().clusterBlocks() * volume.geometry().blockBytes();
    return (byteCount + clusterBytes - 1) / clusterBytes * volume.geometry().clusterBlocks();
  }

  /**
   * Ends one attribute's use of a value. The inode whose last it was is deleted when the operation
   * is over.
   */
  synchronized void release(
      Handle handle, WritableInode owner, StoredXattr attribute, LockedFiles locked)
      throws IOException {
    WritableInode inode = locked.holdValue(attribute.valueInodeNr());
    SectorCount.add(volume, owner.raw(), -chargedBlocks(attribute.valueBytes()));
    long users = inode.raw().valueReferences() - 1;
    if (users > 0) {
      inode.raw().setValueReferences(users);
      inode.store(handle);
    } else if (inode.raw().linkCount() > 0) {
      inode.raw().setValueReferences(0);
      inode.raw().setLinkCount(0);
      files.requireWriting().orphans().add(handle, inode);
    }
  }
}
