package io.lamina.persist.space;

import io.lamina.persist.BlockHeader;
import io.lamina.persist.BlockManager;
import io.lamina.persist.BlockType;
import java.nio.ByteBuffer;

/**
 * Two bits a block: in use 0, 1, 2 times, or more often, as the overflow tree says. The bit of the
 * lower number is the high one.
 *
 * @param bytes the whole metadata block; not to be written to
 * @see <a href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/drivers/md/
 *     persistent-data/dm-space-map-common.c">sm_lookup_bitmap</a>
 */
public record Bitmap(ByteBuffer bytes) {
  /** How many blocks one bitmap counts. */
  public static final int ENTRY_COUNT =
      (BlockManager.BLOCK_BYTES - BlockHeader.BYTES) * (Byte.SIZE / 2);

  /** The entry of a block whose count is in the overflow tree. */
  public static final int OVERFLOW = 3;

  /** Bitmaps, as the block cache knows them. */
  public static final BlockType<Bitmap> TYPE =
      new BlockType<>() {
        @Override
        public String structure() {
          return "space map bitmap";
        }

        @Override
        public int checksumSalt() {
          return 240779;
        }

        @Override
        public Bitmap decode(long blockNr, ByteBuffer bytes) {
          return new Bitmap(bytes);
        }
      };

  /** The count of a block, or {@link #OVERFLOW}. */
  public int count(int entry) {
    return get(bytes, entry);
  }

  /** Whether the four blocks from {@code entry} on, a multiple of four, all have a count. */
  boolean allInUse(int entry) {
    int pairs = bytes.get(BlockHeader.BYTES + entry / 4);
    int either = pairs | (pairs >>> 1);
    return (either & 0x55) == 0x55;
  }

  static int get(ByteBuffer bytes, int entry) {
    int pair = bytes.get(BlockHeader.BYTES + entry / 4) >>> (entry % 4 * 2);
    return ((pair & 1) << 1) | (pair >>> 1 & 1);
  }

  static void put(ByteBuffer bytes, int entry, int count) {
    int at = BlockHeader.BYTES + entry / 4;
    int shift = entry % 4 * 2;
    int pair = ((count & 1) << 1) | (count >>> 1 & 1);
    bytes.put(at, (byte) ((bytes.get(at) & ~(3 << shift)) | (pair << shift)));
  }
}
