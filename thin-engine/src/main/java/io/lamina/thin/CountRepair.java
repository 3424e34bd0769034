package io.lamina.thin;

import io.lamina.block.WritableDevice;
import io.lamina.persist.BlockManager;
import java.io.IOException;

/** Brings the counts of leaked blocks down, in one transaction. */
public final class CountRepair {
  private static final long CACHE_BYTES = 8L << 20;

  private CountRepair() {}

  /**
   * Mends leaks, and clears the note that a check is needed. Nothing is changed before the last
   * write, that of the superblock.
   *
   * @param metadata of a pool that nobody else has, and in which a check found leaks, but no damage
   * @param leaks what it found
   * @throws IllegalArgumentException when one of them is none: counts are never raised
   * @throws IOException when there is too little room to write the counts, or an error
   */
  public static void run(WritableDevice metadata, Iterable<Leak> leaks) throws IOException {
    Superblock superblock = Superblock.read(metadata, Superblock.BLOCK_NR);
    PoolTransaction transaction =
        new PoolTransaction(metadata, new BlockManager(metadata, CACHE_BYTES), superblock);
    for (Leak leak : leaks) {
      transaction.lowerCount(leak);
    }
    transaction.clearNeedsCheck();
    transaction.freeze();
    transaction.writeFrozen();
  }
}
