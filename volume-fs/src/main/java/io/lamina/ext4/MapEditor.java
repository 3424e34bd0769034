package io.lamina.ext4;

import io.lamina.ext4.format.Extent;
import io.lamina.ext4.format.ExtentNode;
import io.lamina.ext4.format.ExtentTreeEditor;
import io.lamina.ext4.format.IndirectMapEditor;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.MapBlocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Changes the block map of an inode within a handle, and counts the map's own blocks among the
 * inode's. The caller has the inode's write lock, and stores the inode.
 */
final class MapEditor implements MapBlocks {
  private final Volume volume;
  private final BlockAllocator allocator;
  private final Handle handle;
  private final WritableInode inode;
  private final boolean hasExtents;
  private final long goalBlockNr;
  private final Sealer sealer;

  /**
   * An editor.
   *
   * @param goalBlockNr near what new blocks of the map should lie
   */
  MapEditor(Files files, Handle handle, WritableInode inode, long goalBlockNr) throws IOException {
    this.volume = files.volume();
    this.allocator = files.requireWriting().blocks();
    this.handle = handle;
    this.inode = inode;
    this.goalBlockNr = goalBlockNr;
    this.hasExtents = (inode.raw().flags() & InodeFlags.EXTENTS) != 0;
    int seed = inode.seed();
    this.sealer = block -> ExtentNode.inBlock(block).seal(volume.checksums(), seed);
  }

  private ExtentTreeEditor extents() {
    return new ExtentTreeEditor(inode.raw().bytes(), this);
  }

  private IndirectMapEditor indirect() {
    return new IndirectMapEditor(inode.raw().bytes(), volume.geometry(), this, inode.site());
  }

  /** Maps blocks of the file that were not mapped. */
  void insert(Extent extent) throws IOException {
    if (hasExtents) {
      extents().insert(extent);
      return;
    }
    IndirectMapEditor map = indirect();
    for (int done = 0; done < extent.blockCount(); ) {
      done +=
          map.insert(
              extent.fileBlockNr() + done, extent.blockNr() + done, extent.blockCount() - done);
    }
  }

  /** As {@link ExtentTreeEditor#remove}. */
  List<Extent> remove(long from, long to, int maxExtents) throws IOException {
    return hasExtents
        ? extents().remove(from, to, maxExtents)
        : indirect().remove(from, to, maxExtents);
  }

  /** As {@link ExtentTreeEditor#setInitialised}: only where there are extents. */
  long setInitialised(long from, long to) throws IOException {
    return extents().setInitialised(from, to);
  }

  @Override
  public ByteBuffer read(long blockNr, int depth) throws IOException {
    return hasExtents
        ? ExtentMap.block(volume, blockNr, depth, inode.inodeNr(), inode.seed()).bytes()
        : volume.block(blockNr).bytes();
  }

  @Override
  public ByteBuffer modify(long blockNr) throws IOException {
    return hasExtents ? handle.modify(blockNr, sealer) : handle.modify(blockNr);
  }

  @Override
  public long allocate() throws IOException {
    long blockNr = allocator.allocateOne(handle, goalBlockNr);
    SectorCount.add(volume, inode.raw(), volume.geometry().clusterBlocks());
    return blockNr;
  }

  @Override
  public ByteBuffer fresh(long blockNr) {
    return hasExtents ? handle.fresh(blockNr, sealer) : handle.fresh(blockNr);
  }

  @Override
  public void free(long blockNr) throws IOException {
    allocator.free(handle, blockNr, 1, true);
    SectorCount.add(volume, inode.raw(), -volume.geometry().clusterBlocks());
  }
}
