package io.lamina.persist.space;

import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U32;
import io.lamina.ondisk.Layout.U64;
import java.nio.ByteBuffer;

/**
 * What an index says of one bitmap.
 *
 * @param bitmapNr the metadata block where the bitmap lies
 * @param freeCount how many blocks of it are free
 * @param noneFreeBefore no block of it below this one is free
 * @see <a href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/drivers/md/
 *     persistent-data/dm-space-map-common.h">struct disk_index_entry</a>
 */
public record IndexEntry(long bitmapNr, int freeCount, int noneFreeBefore) {
  private static final Layout LAYOUT = Layout.littleEndian("disk_index_entry");
  private static final U64 BITMAP_NR = LAYOUT.u64("blocknr", 0);
  private static final U32 FREE_COUNT = LAYOUT.u32("nr_free", 8);
  private static final U32 NONE_FREE_BEFORE = LAYOUT.u32("none_free_before", 12);

  /** Its size. */
  public static final int BYTES = LAYOUT.size(16);

  /** Reads one. */
  public static IndexEntry get(ByteBuffer bytes, int base) {
    return new IndexEntry(
        BITMAP_NR.get(bytes, base),
        FREE_COUNT.bits(bytes, base),
        NONE_FREE_BEFORE.bits(bytes, base));
  }

  /** Writes it. */
  public void put(ByteBuffer bytes, int base) {
    BITMAP_NR.put(bytes, base, bitmapNr);
    FREE_COUNT.put(bytes, base, freeCount);
    NONE_FREE_BEFORE.put(bytes, base, noneFreeBefore);
  }
}
