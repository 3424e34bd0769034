package io.lamina.ondisk;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC-32C as the kernel's {@code crc32c()} computes it: any start value, and no inversion at the
 * end. The JDK's own class starts at all ones and inverts, but is a processor instruction; this
 * wraps it.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/overview.html">ext4
 *     checksums</a>
 */
public final class Crc32c {
  /** The start value of all ones, with which dm-thin and a file system's own checksum begin. */
  public static final int ALL_ONES = ~0;

  private static final int POLYNOMIAL_REVERSED = 0x82f63b78;

  private Crc32c() {}

  /**
   * The checksum of bytes {@code from} to {@code to} of a buffer, going on from {@code start}.
   *
   * @param start the checksum of what came before, or {@link #ALL_ONES}
   */
  public static int of(int start, ByteBuffer buffer, int from, int to) {
    CRC32C crc = startingAt(start);
    crc.update(buffer.duplicate().limit(to).position(from));
    return ~(int) crc.getValue();
  }

  /** The checksum of an array, going on from {@code start}. */
  public static int of(int start, byte[] bytes) {
    CRC32C crc = startingAt(start);
    crc.update(bytes);
    return ~(int) crc.getValue();
  }

  /** The checksum of a 32-bit number as it lies on a little-endian disk, going on from start. */
  public static int ofLittleEndian(int start, int value) {
    int state = start ^ value;
    for (int i = 0; i < Integer.SIZE; i++) {
      state = (state >>> 1) ^ (POLYNOMIAL_REVERSED & -(state & 1));
    }
    return state;
  }

  /**
   * Brings the JDK's class, which starts at all ones, to the state {@code start}: four bytes
   * suffice, since taking in four bytes is a one-to-one map of the state xor those bytes.
   */
  private static CRC32C startingAt(int start) {
    CRC32C crc = new CRC32C();
    if (start != ALL_ONES) {
      int prefix = ALL_ONES ^ before(start);
      for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
        crc.update(prefix >>> shift);
      }
    }
    return crc;
  }

  /** The state that 32 steps without input turn into {@code state}: the steps run backwards. */
  private static int before(int state) {
    for (int i = 0; i < Integer.SIZE; i++) {
      int lowBit = state >>> (Integer.SIZE - 1); // the polynomial's own top bit is set
      state = ((state ^ (POLYNOMIAL_REVERSED & -lowBit)) << 1) | lowBit;
    }
    return state;
  }
}
