package io.lamina.ext4;

import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.StoredXattr;
import io.lamina.ext4.format.XattrEntry;
import io.lamina.ext4.format.XattrNames;
import io.lamina.ext4.format.XattrRegion;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes the extended attributes of files. A change is planned first, which tells whether it fits;
 * then it is applied within a handle. The caller has the file's write lock meanwhile, and stores
 * the inode.
 */
final class XattrStore {
  /** Blocks of metadata that a change touches: two of attributes, and where they are counted. */
  static final int CREDITS = 9;

  private static final int LEAST_LARGE_ENTRY_BYTES = 4 + 16;
  private static final int BLOCK_HEADER_BYTES = 32;

  private final Files files;
  private final Volume volume;
  private final Geometry geometry;
  private final SharedXattrs shared;
  private final XattrInodes valueInodes;

  XattrStore(Files files) {
    this.files = files;
    this.volume = files.volume();
    this.geometry = volume.geometry();
    this.shared = new SharedXattrs(volume);
    this.valueInodes = new XattrInodes(files);
  }

  /** Where a file's attributes lie now. */
  XattrLayout layout(WritableInode inode) throws IOException {
    MetadataBlock block = files.xattrs().block(inode.unstored());
    return new XattrLayout(
        XattrRegion.inInode(inode.raw(), inode.extraBytes(), inode.site()),
        block == null ? List.of() : XattrRegion.inBlock(block.bytes(), inode.site()));
  }

  /**
   * Plans to set an attribute.
   *
   * @throws FsException ENOSPC when it does not fit
   */
  XattrChange set(WritableInode inode, XattrLayout before, XattrNames.Stored key, byte[] value)
      throws FsException {
    XattrLayout others = before.without(key);
    StoredXattr beside = StoredXattr.of(key, value);
    boolean mayLieOutside = volume.superblock().has(Feature.EA_INODE);
    if (!(mayLieOutside && isLarge(value))) {
      XattrLayout inInode = others.withInInode(beside);
      if (fits(inode, inInode)) {
        return new XattrChange(before, inInode, null);
      }
      XattrLayout inBlock = others.withInBlock(beside);
      if (fits(inode, inBlock)) {
        return new XattrChange(before, inBlock, null);
      }
    }
    StoredXattr outside = StoredXattr.inInode(key, Integer.MAX_VALUE, value.length, 0);
    if (mayLieOutside && fits(inode, others.withInInode(outside))) {
      return new XattrChange(before, others, new XattrChange.Outside(beside, false));
    }
    if (mayLieOutside && fits(inode, others.withInBlock(outside))) {
      return new XattrChange(before, others, new XattrChange.Outside(beside, true));
    }
    throw new FsException(Errno.ENOSPC, "attribute " + key.name() + " of inode " + inode.inodeNr());
  }

  /** Plans to take an attribute away. */
  XattrChange remove(XattrLayout before, XattrNames.Stored key) {
    return new XattrChange(before, before.without(key), null);
  }

  private boolean isLarge(byte[] value) {
    return value.length > geometry.blockBytes() - BLOCK_HEADER_BYTES - LEAST_LARGE_ENTRY_BYTES;
  }

  private boolean fits(WritableInode inode, XattrLayout layout) {
    return fits(inode.raw().byteCount(), inode.extraBytes(), layout);
  }

  private boolean fits(int inodeBytes, int extraBytes, XattrLayout layout) {
    return XattrRegion.fitInInode(layout.inInode(), inodeBytes, extraBytes)
        && XattrRegion.fitInBlock(layout.inBlock(), geometry.blockBytes());
  }

  /**
   * Plans what a new file gets.
   *
   * @param extraBytes bytes of extra fields that new inodes have
   * @throws FsException ENOSPC when it does not fit
   */
  XattrChange start(List<StoredXattr> attributes, int extraBytes) throws FsException {
    XattrLayout inInode = new XattrLayout(attributes, List.of());
    XattrLayout inBlock = new XattrLayout(List.of(), attributes);
    boolean fitsInode = fits(geometry.inodeBytes(), extraBytes, inInode);
    if (!fitsInode && !fits(geometry.inodeBytes(), extraBytes, inBlock)) {
      throw new FsException(Errno.ENOSPC, "attributes of a new file");
    }
    return new XattrChange(XattrLayout.NONE, fitsInode ? inInode : inBlock, null);
  }

  /** How many blocks a change may allocate. */
  int newBlocksFor(XattrChange change) {
    XattrChange.Outside outside = change.outside();
    return (change.hasBlock() ? 1 : 0) + (outside == null ? 0 : valueInodes.blocksFor(outside));
  }

  /** How many blocks of metadata a change may touch. */
  int creditsFor(XattrChange change) {
    return CREDITS + (change.outside() == null ? 0 : valueInodes.creditsFor(change.outside()));
  }

  /**
   * Makes a planned change.
   *
   * @param locked gets inodes that held values no more used
   */
  void apply(Handle handle, WritableInode inode, XattrChange change, LockedFiles locked)
      throws IOException {
    XattrLayout after = change.after();
    XattrChange.Outside outside = change.outside();
    if (outside != null) {
      StoredXattr stored = valueInodes.create(handle, inode, outside, locked);
      after = outside.inBlock() ? after.withInBlock(stored) : after.withInInode(stored);
    }
    if (!after.inInode().equals(change.before().inInode())) {
      XattrRegion.putInInode(after.inInode(), inode.raw(), inode.extraBytes());
    }
    if (!after.inBlock().equals(change.before().inBlock())) {
      putBlock(handle, inode, after.inBlock());
    }
    releaseValues(handle, inode, change.before(), after, locked);
    files.requireWriting().announce(handle, Feature.EXT_ATTR);
  }

  private void releaseValues(
      Handle handle, WritableInode owner, XattrLayout before, XattrLayout after, LockedFiles locked)
      throws IOException {
    for (List<StoredXattr> attributes : List.of(before.inInode(), before.inBlock())) {
      for (StoredXattr attribute : attributes) {
        StoredXattr kept = after.get(attribute.key());
        boolean isKept = kept != null && kept.valueInodeNr() == attribute.valueInodeNr();
        if (attribute.valueInodeNr() != 0 && !isKept) {
          valueInodes.release(handle, owner, attribute, locked);
        }
      }
    }
  }

  private long blockNr(WritableInode inode) {
    return inode.raw().fileAcl(volume.superblock().has(Feature.BIT64));
  }

  private void putBlock(Handle handle, WritableInode inode, List<StoredXattr> attributes)
      throws IOException {
    synchronized (shared) {
      if (attributes.isEmpty()) {
        releaseBlock(handle, inode);
        return;
      }
      ByteBuffer wanted = blank();
      XattrRegion.putInBlock(attributes, wanted);
      long same = shared.find(wanted);
      if (same != SharedXattrs.NONE && same != blockNr(inode)) {
        releaseBlock(handle, inode);
        ByteBuffer block = handle.modify(same, sealer(same));
        XattrEntry.setReferenceCount(block, XattrEntry.referenceCount(block) + 1);
        useBlock(inode, same);
        return;
      }
      long target = targetBlock(handle, inode);
      ByteBuffer block = handle.modify(target, sealer(target));
      block.put(0, wanted, 0, wanted.limit());
      shared.remember(target, block);
    }
  }

  /** The inode's own block, with nothing worth keeping in it. */
  private long targetBlock(Handle handle, WritableInode inode) throws IOException {
    long own = blockNr(inode);
    if (own != 0) {
      ByteBuffer block = volume.block(own).bytes();
      if (XattrEntry.referenceCount(block) == 1) {
        shared.forget(own, block);
        return own;
      }
      releaseBlock(handle, inode);
    }
    long goal = geometry.firstBlockNr((inode.inodeNr() - 1) / geometry.inodesPerGroup());
    long blockNr = files.requireWriting().blocks().allocateOne(handle, goal);
    handle.fresh(blockNr, sealer(blockNr));
    useBlock(inode, blockNr);
    return blockNr;
  }

  private void useBlock(WritableInode inode, long blockNr) {
    inode.raw().setFileAcl(blockNr);
    SectorCount.add(volume, inode.raw(), geometry.clusterBlocks());
  }

  private ByteBuffer blank() {
    return ByteBuffer.allocate(geometry.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  private Sealer sealer(long blockNr) {
    return block -> XattrEntry.sealBlock(block, volume.checksums(), blockNr);
  }

  /** Ends an inode's use of its block. */
  private void releaseBlock(Handle handle, WritableInode inode) throws IOException {
    long blockNr = blockNr(inode);
    if (blockNr == 0) {
      return;
    }
    ByteBuffer block = volume.block(blockNr).bytes();
    long users = XattrEntry.referenceCount(block);
    if (users > 1) {
      ByteBuffer changed = handle.modify(blockNr, sealer(blockNr));
      XattrEntry.setReferenceCount(changed, users - 1);
    } else {
      shared.forget(blockNr, block);
      files.requireWriting().blocks().free(handle, blockNr, 1, true);
    }
    inode.raw().setFileAcl(0);
    SectorCount.add(volume, inode.raw(), -geometry.clusterBlocks());
  }

  /**
   * Ends a deleted file's use of its block, and of the inodes that held values: in the handle that
   * frees its inode.
   *
   * @param locked gets those inodes
   */
  void release(Handle handle, WritableInode inode, LockedFiles locked) throws IOException {
    XattrLayout before = layout(inode);
    synchronized (shared) {
      releaseBlock(handle, inode);
    }
    releaseValues(handle, inode, before, XattrLayout.NONE, locked);
  }

  /** The attribute of a name, as it lies, null where there is none. */
  @Nullable StoredXattr get(WritableInode inode, XattrNames.Stored key) throws IOException {
    return layout(inode).get(key);
  }
}
