package io.lamina.ext4.journal;

import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U16;
import io.lamina.ondisk.Layout.U32;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * How the tags of a descriptor block lie in it. Their size is not what their layout says: the high
 * half of the block number is left out where block numbers have 32 bits, and version 2 of the
 * checksums adds two bytes that it does not use.
 *
 * @param tagBytes size of a tag, without the UUID that may follow it
 * @param endOffset where the room for tags ends in a block
 * @param features which fields count
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html#descriptor-block">Descriptor
 *     block</a>
 */
record TagFormat(int tagBytes, int endOffset, Features features) {
  private static final Layout LAYOUT = Layout.bigEndian("journal block tag");
  private static final U32 BLOCKNR = LAYOUT.u32("t_blocknr", 0);
  private static final U16 CHECKSUM = LAYOUT.u16("t_checksum", 4);
  private static final U16 FLAGS = LAYOUT.u16("t_flags", 6);
  private static final U32 BLOCKNR_HIGH = LAYOUT.u32("t_blocknr_high", 8);
  private static final int BYTES = LAYOUT.size(12);

  private static final Layout LAYOUT_V3 = Layout.bigEndian("journal block tag v3");

  static {
    // The flags have grown to 32 bits, of which the low half lies where it always did.
    LAYOUT_V3.unused("t_blocknr, t_flags, t_blocknr_high", 0, 12);
  }

  private static final U32 CHECKSUM_V3 = LAYOUT_V3.u32("t_checksum", 12);
  private static final int BYTES_V3 = LAYOUT_V3.size(16);

  private static final int FLAG_ESCAPE = 0x1;
  private static final int FLAG_SAME_UUID = 0x2;

  // 0x4 is FLAG_DELETED: nobody writes it, and a replay pays no heed to it.
  private static final int FLAG_LAST_TAG = 0x8;

  private static final int UUID_BYTES = 16;

  static TagFormat of(Features features, int blockBytes) {
    int tailBytes = features.blockChecksums() ? Checksums.TAIL_BYTES : 0;
    return new TagFormat(tagBytes(features), blockBytes - tailBytes, features);
  }

  private static int tagBytes(Features features) {
    if (features.checksumV3()) {
      return BYTES_V3;
    }
    int bytes = features.checksumV2() ? BYTES + Short.BYTES : BYTES;
    return features.blockNumbers64() ? bytes : bytes - Integer.BYTES;
  }

  /** The tags of a descriptor block: one for each copy that follows it in the log. */
  List<Tag> tags(ByteBuffer block) {
    List<Tag> tags = new ArrayList<>();
    int flags = 0;
    int base = LogHeader.BYTES;
    while (base + tagBytes <= endOffset && (flags & FLAG_LAST_TAG) == 0) {
      flags = FLAGS.get(block, base);
      tags.add(tag(block, base, flags));
      base += tagBytes;
      if ((flags & FLAG_SAME_UUID) == 0) {
        base += UUID_BYTES;
      }
    }
    return tags;
  }

  /** How many tags are put into a descriptor block. */
  int tagsPerBlock() {
    return (endOffset - LogHeader.BYTES - UUID_BYTES) / tagBytes;
  }

  /**
   * Puts a tag into a descriptor block; the first is followed by the journal's UUID.
   *
   * @param index 0 for the first of the block
   */
  void put(ByteBuffer block, int index, Tag tag, boolean isLast, byte[] uuid) {
    int base = LogHeader.BYTES + index * tagBytes + (index == 0 ? 0 : UUID_BYTES);
    int flags = (tag.escaped() ? FLAG_ESCAPE : 0) | (isLast ? FLAG_LAST_TAG : 0);
    BLOCKNR.put(block, base, tag.blockNr());
    FLAGS.put(block, base, index == 0 ? flags : flags | FLAG_SAME_UUID);
    if (features.blockNumbers64()) {
      BLOCKNR_HIGH.put(block, base, tag.blockNr() >>> Integer.SIZE);
    }
    if (features.checksumV3()) {
      CHECKSUM_V3.put(block, base, tag.checksum());
    } else if (features.checksumV2()) {
      CHECKSUM.put(block, base, tag.checksum());
    }
    if (index == 0) {
      block.put(base + tagBytes, uuid);
    }
  }

  private Tag tag(ByteBuffer block, int base, int flags) {
    long high = features.blockNumbers64() ? BLOCKNR_HIGH.get(block, base) << Integer.SIZE : 0;
    int checksum =
        features.checksumV3() ? CHECKSUM_V3.bits(block, base) : CHECKSUM.get(block, base);
    return new Tag(high | BLOCKNR.get(block, base), (flags & FLAG_ESCAPE) != 0, checksum);
  }
}
