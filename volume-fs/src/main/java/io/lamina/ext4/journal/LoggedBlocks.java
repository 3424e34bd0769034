package io.lamina.ext4.journal;

import io.lamina.ondisk.UnsupportedException;
import java.util.Arrays;

/**
 * The newest copy that the log holds of each block of the volume. Not for use by many threads.
 *
 * <p>Older copies need not be kept: whatever revokes the newest revokes them too.
 */
final class LoggedBlocks {
  /** Four times what mkfs.ext4 makes at most; each takes some 30 bytes. */
  private static final int MAX_COUNT = 1 << 22;

  /** Index into the arrays below plus one, hashed by block number; 0 where free. */
  private int[] slots = new int[1 << 10];

  private int count;
  private long[] blockNrs = new long[1 << 9];
  private long[] copies = new long[1 << 9];
  private int[] transactionIds = new int[1 << 9];
  private int[] checksums = new int[1 << 9];

  int count() {
    return count;
  }

  long blockNr(int index) {
    return blockNrs[index];
  }

  /** Where the copy lies; only for one that is not revoked. */
  Copy copy(int index) {
    return new Copy(copies[index]);
  }

  /** Where the copy of a block lies that was put here and not revoked. */
  Copy copyOf(long blockNr) {
    return copy(slots[slotOf(blockNr)] - 1);
  }

  int transactionId(int index) {
    return transactionIds[index];
  }

  int checksum(int index) {
    return checksums[index];
  }

  boolean isRevoked(int index) {
    return copies[index] == 0;
  }

  /** Notes a copy newer than all before. */
  void put(Tag tag, long copyBlockNr, int transactionId) throws UnsupportedException {
    int slot = slotOf(tag.blockNr());
    if (slots[slot] == 0) {
      if (count == blockNrs.length) {
        grow();
        slot = slotOf(tag.blockNr());
      }
      slots[slot] = ++count;
    }
    int index = slots[slot] - 1;
    blockNrs[index] = tag.blockNr();
    copies[index] = Copy.of(copyBlockNr, tag.escaped()).bits();
    transactionIds[index] = transactionId;
    checksums[index] = tag.checksum();
  }

  /** Forgets the copy of a block unless it is of a later transaction than the revoke record. */
  void revoke(long blockNr, int transactionId) {
    int index = slots[slotOf(blockNr)] - 1;
    if (index >= 0 && transactionIds[index] - transactionId <= 0) { // ids wrap around
      copies[index] = 0;
    }
  }

  /** The slot that holds a block, else the free one where it would go. */
  private int slotOf(long blockNr) {
    int mask = slots.length - 1;
    int slot = (int) ((blockNr * 0x9e3779b97f4a7c15L) >>> 33) & mask;
    while (slots[slot] != 0 && blockNrs[slots[slot] - 1] != blockNr) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() throws UnsupportedException {
    if (count == MAX_COUNT) {
      throw new UnsupportedException("journal: more than " + MAX_COUNT + " blocks to be replayed");
    }
    int length = count * 2;
    blockNrs = Arrays.copyOf(blockNrs, length);
    copies = Arrays.copyOf(copies, length);
    transactionIds = Arrays.copyOf(transactionIds, length);
    checksums = Arrays.copyOf(checksums, length);
    slots = new int[length * 2];
    for (int i = 0; i < count; i++) {
      slots[slotOf(blockNrs[i])] = i + 1;
    }
  }
}
