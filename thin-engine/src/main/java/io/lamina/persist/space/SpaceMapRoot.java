package io.lamina.persist.space;

import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U64;
import java.nio.ByteBuffer;

/**
 * Where a space map lies, as the superblock holds it.
 *
 * @param blockCount how many blocks it counts
 * @param allocatedCount how many of them are in use
 * @param indexRoot where the bitmaps are found: the root of a B-tree, or, for the map of the
 *     metadata itself, the index block
 * @param overflowRoot root of the B-tree with the counts above 2
 * @see <a href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/drivers/md/
 *     persistent-data/dm-space-map-common.h">struct disk_sm_root</a>
 */
public record SpaceMapRoot(
    long blockCount, long allocatedCount, long indexRoot, long overflowRoot) {
  private static final Layout LAYOUT = Layout.littleEndian("disk_sm_root");
  private static final U64 BLOCK_COUNT = LAYOUT.u64("nr_blocks", 0);
  private static final U64 ALLOCATED_COUNT = LAYOUT.u64("nr_allocated", 8);
  private static final U64 INDEX_ROOT = LAYOUT.u64("bitmap_root", 16);
  private static final U64 OVERFLOW_ROOT = LAYOUT.u64("ref_count_root", 24);

  /** Its size. */
  public static final int BYTES = LAYOUT.size(32);

  /** None: what a metadata snapshot has. */
  public static final SpaceMapRoot NONE = new SpaceMapRoot(0, 0, 0, 0);

  /** Reads one. */
  public static SpaceMapRoot get(ByteBuffer bytes, int base) {
    return new SpaceMapRoot(
        BLOCK_COUNT.get(bytes, base),
        ALLOCATED_COUNT.get(bytes, base),
        INDEX_ROOT.get(bytes, base),
        OVERFLOW_ROOT.get(bytes, base));
  }

  /** Writes it. */
  public void put(ByteBuffer bytes, int base) {
    BLOCK_COUNT.put(bytes, base, blockCount);
    ALLOCATED_COUNT.put(bytes, base, allocatedCount);
    INDEX_ROOT.put(bytes, base, indexRoot);
    OVERFLOW_ROOT.put(bytes, base, overflowRoot);
  }
}
