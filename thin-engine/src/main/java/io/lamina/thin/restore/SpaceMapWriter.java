package io.lamina.thin.restore;

import io.lamina.persist.BlockHeader;
import io.lamina.persist.BlockManager;
import io.lamina.persist.space.Bitmap;
import io.lamina.persist.space.IndexBlock;
import io.lamina.persist.space.IndexEntry;
import io.lamina.persist.space.SpaceMapRoot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongUnaryOperator;

/** Writes space maps from counts that are known. */
final class SpaceMapWriter {
  private final BlockAppender out;
  private final LongUnaryOperator counts;
  private final long blockCount;
  private final BTreeBuilder overflow;
  private long allocatedCount;

  /**
   * A map of so many blocks.
   *
   * @param counts how often a block is referred to
   */
  SpaceMapWriter(BlockAppender out, long blockCount, LongUnaryOperator counts) {
    this.out = out;
    this.blockCount = blockCount;
    this.counts = counts;
    this.overflow = new BTreeBuilder(out, Integer.BYTES);
  }

  static long bitmapCount(long blockCount) {
    return (blockCount + Bitmap.ENTRY_COUNT - 1) / Bitmap.ENTRY_COUNT;
  }

  /** The map of the data: its index is a tree. */
  SpaceMapRoot writeOfData() throws IOException {
    BTreeBuilder index = new BTreeBuilder(out, IndexEntry.BYTES);
    for (long i = 0; i < bitmapCount(blockCount); i++) {
      IndexEntry entry = writeBitmap(i);
      int at = index.add(i);
      entry.put(index.bytes(), at);
    }
    return new SpaceMapRoot(blockCount, allocatedCount, index.finish(), overflow.finish());
  }

  /** The map of the metadata: its index is one block. */
  SpaceMapRoot writeOfMetadata() throws IOException {
    ByteBuffer index = ByteBuffer.allocate(BlockManager.BLOCK_BYTES);
    for (long i = 0; i < bitmapCount(blockCount); i++) {
      writeBitmap(i).put(index, BlockHeader.BYTES + (int) i * IndexEntry.BYTES);
    }
    long overflowRoot = overflow.finish();
    long indexNr = out.append(index, IndexBlock.TYPE);
    return new SpaceMapRoot(blockCount, allocatedCount, indexNr, overflowRoot);
  }

  private IndexEntry writeBitmap(long bitmapNr) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(BlockManager.BLOCK_BYTES);
    long start = bitmapNr * Bitmap.ENTRY_COUNT;
    int count = (int) Math.min(Bitmap.ENTRY_COUNT, blockCount - start);
    int used = 0;
    int firstFree = Bitmap.ENTRY_COUNT;
    for (int i = 0; i < count; i++) {
      long references = counts.applyAsLong(start + i);
      if (references == 0) {
        firstFree = Math.min(firstFree, i);
        continue;
      }
      used++;
      put(bytes, i, (int) Math.min(references, Bitmap.OVERFLOW));
      if (references >= Bitmap.OVERFLOW) {
        int at = overflow.add(start + i);
        overflow.bytes().putInt(at, (int) references);
      }
    }
    allocatedCount += used;
    if (firstFree == Bitmap.ENTRY_COUNT && count < Bitmap.ENTRY_COUNT) {
      firstFree = count;
    }
    long blockNr = out.append(bytes, Bitmap.TYPE);
    return new IndexEntry(blockNr, Bitmap.ENTRY_COUNT - used, firstFree);
  }

  /** Two bits, the high one first. */
  private static void put(ByteBuffer bytes, int entry, int count) {
    int at = BlockHeader.BYTES + entry / 4;
    int pair = (count & 1) << 1 | count >>> 1;
    bytes.put(at, (byte) (bytes.get(at) | pair << (entry % 4 * 2)));
  }
}
