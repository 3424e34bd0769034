package io.lamina.persist;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Crc32c;
import io.lamina.ondisk.Damage;
import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U32;
import io.lamina.ondisk.Layout.U64;
import java.nio.ByteBuffer;

/**
 * What every metadata block begins with.
 *
 * @see <a href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/drivers/md/
 *     persistent-data/dm-btree-internal.h">struct node_header and its like</a>
 */
public final class BlockHeader {
  private static final Layout LAYOUT = Layout.littleEndian("metadata block header");
  private static final U32 CHECKSUM = LAYOUT.u32("csum", 0);
  private static final U32 OWN = LAYOUT.u32("flags", 4);
  private static final U64 BLOCK_NR = LAYOUT.u64("blocknr", 8);

  /** Its size. */
  public static final int BYTES = LAYOUT.size(16);

  private BlockHeader() {}

  /** Checks a block's checksum, then its number. */
  public static void verify(long blockNr, ByteBuffer bytes, BlockType<?> type)
      throws CorruptException {
    int expected = checksum(bytes, type);
    int found = CHECKSUM.bits(bytes, 0);
    if (found != expected) {
      throw new CorruptException(Damage.ofChecksum(type.structure(), blockNr, expected, found));
    }
    if (BLOCK_NR.get(bytes, 0) != blockNr) {
      throw new CorruptException(
          Damage.ofNumbers(type.structure(), blockNr, "blocknr", blockNr, BLOCK_NR.get(bytes, 0)));
    }
  }

  /** Writes a block's number and then its checksum: the block is ready for the disk. */
  public static void seal(long blockNr, ByteBuffer bytes, BlockType<?> type) {
    BLOCK_NR.put(bytes, 0, blockNr);
    CHECKSUM.put(bytes, 0, checksum(bytes, type));
  }

  /** The 32 bits between checksum and number. */
  public static int ownBits(ByteBuffer bytes) {
    return OWN.bits(bytes, 0);
  }

  private static int checksum(ByteBuffer bytes, BlockType<?> type) {
    return Crc32c.of(Crc32c.ALL_ONES, bytes, Integer.BYTES, BlockManager.BLOCK_BYTES)
        ^ type.checksumSalt();
  }
}
