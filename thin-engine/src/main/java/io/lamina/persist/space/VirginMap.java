package io.lamina.persist.space;

import io.lamina.block.WritableDevice;
import io.lamina.persist.BlockHeader;
import io.lamina.persist.BlockManager;
import io.lamina.persist.btree.BTreeWriter;
import io.lamina.persist.btree.Node;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The first map of a metadata device, written by hand: from then on transactions can allocate. It
 * lies right behind the superblock: index block, root of the overflow tree, bitmaps.
 */
public final class VirginMap {
  private static final long INDEX_NR = 1;
  private static final long OVERFLOW_NR = 2;
  private static final long FIRST_BITMAP_NR = 3;

  private VirginMap() {}

  /**
   * Writes it.
   *
   * @return where it lies
   */
  public static SpaceMapRoot write(WritableDevice device, long blockCount) throws IOException {
    int bitmapCount = (int) ((blockCount + Bitmap.ENTRY_COUNT - 1) / Bitmap.ENTRY_COUNT);
    long usedCount = FIRST_BITMAP_NR + bitmapCount;
    ByteBuffer index = ByteBuffer.allocate(BlockManager.BLOCK_BYTES);
    for (int i = 0; i < bitmapCount; i++) {
      int used = i == 0 ? (int) usedCount : 0; // at most 255 bitmaps: all in the first
      ByteBuffer bitmap = ByteBuffer.allocate(BlockManager.BLOCK_BYTES);
      for (int block = 0; block < used; block++) {
        Bitmap.put(bitmap, block, 1);
      }
      BlockHeader.seal(FIRST_BITMAP_NR + i, bitmap, Bitmap.TYPE);
      device.write((FIRST_BITMAP_NR + i) * BlockManager.BLOCK_BYTES, bitmap);
      new IndexEntry(FIRST_BITMAP_NR + i, Bitmap.ENTRY_COUNT - used, used)
          .put(index, IndexBlock.offset(i));
    }
    BlockHeader.seal(INDEX_NR, index, IndexBlock.TYPE);
    device.write(INDEX_NR * BlockManager.BLOCK_BYTES, index);
    ByteBuffer overflow = BTreeWriter.emptyLeaf(Integer.BYTES);
    BlockHeader.seal(OVERFLOW_NR, overflow, Node.TYPE);
    device.write(OVERFLOW_NR * BlockManager.BLOCK_BYTES, overflow);
    return new SpaceMapRoot(blockCount, usedCount, INDEX_NR, OVERFLOW_NR);
  }
}
