package io.lamina.persist.space;

import io.lamina.persist.BlockHeader;
import io.lamina.persist.BlockManager;
import io.lamina.persist.BlockType;
import java.nio.ByteBuffer;

/**
 * The index of the map of the metadata itself: one block, so that it can be changed without
 * allocating.
 *
 * @param bytes the whole metadata block; not to be written to
 * @see <a href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/drivers/md/
 *     persistent-data/dm-space-map-common.h">struct disk_metadata_index</a>
 */
public record IndexBlock(ByteBuffer bytes) {
  /** How many bitmaps it can hold. */
  public static final int ENTRY_COUNT =
      (BlockManager.BLOCK_BYTES - BlockHeader.BYTES) / IndexEntry.BYTES;

  /** Index blocks, as the block cache knows them. */
  public static final BlockType<IndexBlock> TYPE =
      new BlockType<>() {
        @Override
        public String structure() {
          return "metadata space map index";
        }

        @Override
        public int checksumSalt() {
          return 160478;
        }

        @Override
        public IndexBlock decode(long blockNr, ByteBuffer bytes) {
          return new IndexBlock(bytes);
        }
      };

  /** One entry. */
  public IndexEntry entry(int index) {
    return IndexEntry.get(bytes, offset(index));
  }

  static int offset(int index) {
    return BlockHeader.BYTES + index * IndexEntry.BYTES;
  }
}
