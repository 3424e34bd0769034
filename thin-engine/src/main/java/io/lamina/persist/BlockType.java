package io.lamina.persist;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A kind of metadata block. All kinds begin alike: a checksum (32 bits), four bytes of their own,
 * and the block's own number (64 bits); the checksum of each kind is salted differently, so that a
 * block of one kind is never taken for another.
 *
 * @param <T> what such a block is in memory; never changed once decoded
 */
public interface BlockType<T> {
  /** What to call it in a message: {@code btree node}. */
  String structure();

  /** What the checksum of bytes 4 to 4095 is combined with. */
  int checksumSalt();

  /**
   * Checks the rest of a block whose checksum and number are right.
   *
   * @throws io.lamina.ondisk.CorruptException when it lies about itself
   */
  T decode(long blockNr, ByteBuffer bytes) throws IOException;

  /** The same of a block that this process has made itself: there is nothing to check. */
  default T decodeOwn(long blockNr, ByteBuffer bytes) throws IOException {
    return decode(blockNr, bytes);
  }

  /**
   * Whether readers only pass by such a block, on the way to another, and keep nothing of it. Those
   * of a transaction need no copy that stays as it is.
   */
  default boolean isPassedBy(T block) {
    return false;
  }
}
