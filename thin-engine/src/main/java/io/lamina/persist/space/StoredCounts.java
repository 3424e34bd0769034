package io.lamina.persist.space;

import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U32;
import io.lamina.persist.Shadow;
import io.lamina.persist.TransactionManager;
import io.lamina.persist.btree.BTreeWriter;
import io.lamina.persist.btree.ValueReferences;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * Writes the counts of a transaction into bitmaps, index and overflow tree.
 *
 * <p>For the map of the metadata itself this changes the very counts that it writes: bitmaps are
 * shadowed, so blocks are taken and freed. It goes on until nothing is left; each bitmap is
 * shadowed once a transaction, so that ends.
 */
public final class StoredCounts {
  private static final U32 COUNT = Layout.littleEndian("count").u32("count", 0);

  private final TransactionManager transaction;
  private final CountingSpaceMap counts;
  private final WritableIndex index;
  private final BTreeWriter overflow;
  private long overflowRoot;

  private StoredCounts(
      TransactionManager transaction, CountingSpaceMap counts, WritableIndex index) {
    this.transaction = transaction;
    this.counts = counts;
    this.index = index;
    this.overflow = new BTreeWriter(transaction, Integer.BYTES, ValueReferences.NONE);
    this.overflowRoot = counts.committed().root().overflowRoot();
  }

  /** For the map of the data. */
  public static StoredCounts ofData(TransactionManager transaction, CountingSpaceMap counts) {
    return new StoredCounts(
        transaction, counts, new TreeIndex(transaction, counts.committed().root().indexRoot()));
  }

  /** For the map of the metadata; begins by shadowing the index block. */
  public static StoredCounts ofMetadata(TransactionManager transaction, CountingSpaceMap counts)
      throws IOException {
    long indexNr = counts.committed().root().indexRoot();
    return new StoredCounts(
        transaction, counts, new BlockIndex(transaction.shadow(indexNr, IndexBlock.TYPE)));
  }

  /**
   * A new map of the data, of no blocks yet.
   *
   * @return where it lies
   */
  public static SpaceMapRoot createData(TransactionManager transaction) throws IOException {
    long indexRoot = new BTreeWriter(transaction, IndexEntry.BYTES, ValueReferences.NONE).create();
    long overflowRoot = new BTreeWriter(transaction, Integer.BYTES, ValueReferences.NONE).create();
    return new SpaceMapRoot(0, 0, indexRoot, overflowRoot);
  }

  /** Adds the bitmaps that more blocks need. */
  public void grow(long newBlockCount) throws IOException {
    long old = counts.committed().bitmapCount();
    long all = (newBlockCount + Bitmap.ENTRY_COUNT - 1) / Bitmap.ENTRY_COUNT;
    counts.grow(newBlockCount);
    for (long bitmap = old; bitmap < all; bitmap++) {
      Shadow created = transaction.create(Bitmap.TYPE);
      index.put(bitmap, new IndexEntry(created.blockNr(), Bitmap.ENTRY_COUNT, 0));
    }
  }

  /**
   * Writes all counts.
   *
   * @return where the map lies now
   */
  public SpaceMapRoot write() throws IOException {
    long bitmap = counts.nextUnwritten();
    while (bitmap >= 0) {
      IndexEntry entry = index.get(bitmap);
      // What follows may itself change counts, of this bitmap too: they come up again later.
      Shadow shadow = transaction.shadow(entry.bitmapNr(), Bitmap.TYPE);
      index.put(bitmap, write(bitmap, shadow, entry));
      bitmap = counts.nextUnwritten();
    }
    return new SpaceMapRoot(
        counts.blockCount(), counts.allocatedCount(), index.root(), overflowRoot);
  }

  private IndexEntry write(long bitmap, Shadow shadow, IndexEntry entry) throws IOException {
    ByteBuffer bytes = shadow.bytes();
    BitSet unwritten = counts.takeUnwritten(bitmap);
    int free = entry.freeCount();
    int noneFreeBefore = entry.noneFreeBefore();
    for (int at = unwritten.nextSetBit(0); at >= 0; at = unwritten.nextSetBit(at + 1)) {
      long blockNr = bitmap * Bitmap.ENTRY_COUNT + at;
      long count = counts.count(blockNr);
      int now = (int) Math.min(count, Bitmap.OVERFLOW);
      int old = Bitmap.get(bytes, at);
      Bitmap.put(bytes, at, now);
      writeOverflow(blockNr, old, now, count);
      free += (now == 0 ? 1 : 0) - (old == 0 ? 1 : 0);
      if (now == 0) {
        noneFreeBefore = Math.min(noneFreeBefore, at);
      } else if (noneFreeBefore == at) {
        noneFreeBefore = at + 1;
      }
    }
    return new IndexEntry(shadow.blockNr(), free, noneFreeBefore);
  }

  private void writeOverflow(long blockNr, int old, int now, long count) throws IOException {
    if (now == Bitmap.OVERFLOW) {
      byte[] value = new byte[Integer.BYTES];
      COUNT.put(ByteBuffer.wrap(value), 0, count);
      overflowRoot = overflow.insert(overflowRoot, blockNr, value);
    } else if (old == Bitmap.OVERFLOW) {
      overflowRoot = overflow.remove(overflowRoot, blockNr);
    }
  }
}
