package io.lamina.ext4.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The hashes of extended attributes: of one, by which it is verified, and of all in a block, by
 * which blocks that hold the same are found.
 *
 * @see <a href="https://github.com/torvalds/linux/blob/master/fs/ext4/xattr.c">ext4/xattr.c</a>
 */
final class XattrHash {
  private static final int NAME_SHIFT = 5;
  private static final int VALUE_SHIFT = 16;

  private XattrHash() {}

  /** The hash of a name; older kernels took its bytes as signed ones. */
  static int ofName(byte[] name, boolean signed) {
    int hash = 0;
    for (byte b : name) {
      hash = Integer.rotateLeft(hash, NAME_SHIFT) ^ (signed ? b : b & 0xff);
    }
    return hash;
  }

  /** A hash with one more word. */
  static int withWord(int hash, int word) {
    return Integer.rotateLeft(hash, VALUE_SHIFT) ^ word;
  }

  /** The hash of a name and a value that lies beside it, filled up with zeroes to whole words. */
  static int of(byte[] name, byte[] value) {
    int hash = ofName(name, false);
    ByteBuffer padded =
        ByteBuffer.allocate(StoredXattr.padded(value.length))
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(value)
            .rewind();
    while (padded.hasRemaining()) {
      hash = withWord(hash, padded.getInt());
    }
    return hash;
  }

  /** The hash of a block from those of its attributes; 0 where one of them is not known. */
  static int ofBlock(List<Integer> hashes) {
    int hash = 0;
    for (int one : hashes) {
      if (one == 0) {
        return 0;
      }
      hash = withWord(hash, one);
    }
    return hash;
  }
}
