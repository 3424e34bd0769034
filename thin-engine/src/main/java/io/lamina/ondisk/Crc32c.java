package io.lamina.ondisk;

import java.nio.ByteBuffer;
import java.util.Objects;
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

  /** What a byte does to the state: the remainder of each, and the byte of each top byte. */
  private static final int[] REMAINDERS = new int[1 << Byte.SIZE];

  private static final byte[] BY_TOP_BYTE = new byte[1 << Byte.SIZE];

  static {
    for (int value = 0; value < REMAINDERS.length; value++) {
      int remainder = value;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        remainder = (remainder >>> 1) ^ (POLYNOMIAL_REVERSED & -(remainder & 1));
      }
      REMAINDERS[value] = remainder;
      BY_TOP_BYTE[remainder >>> 24] = (byte) value;
    }
  }

  private Crc32c() {}

  /**
   * The checksum of bytes {@code from} to {@code to} of a buffer, going on from {@code start}.
   *
   * @param start the checksum of what came before, or {@link #ALL_ONES}
   */
  public static int of(int start, ByteBuffer buffer, int from, int to) {
    return new Parts(start).add(buffer, from, to).checksum();
  }

  /** The checksum of an array, going on from {@code start}. */
  public static int of(int start, byte[] bytes) {
    return new Parts(start).add(bytes).checksum();
  }

  /** One checksum of several parts: to begin costs as much as some hundred bytes do. */
  public static final class Parts {
    private final CRC32C crc;

    /** Goes on from {@code start}. */
    public Parts(int start) {
      this.crc = startingAt(start);
    }

    /** Takes in bytes {@code from} to {@code to} of a buffer. */
    public Parts add(ByteBuffer buffer, int from, int to) {
      if (buffer.hasArray()) {
        crc.update(
            buffer.array(),
            buffer.arrayOffset() + Objects.checkFromToIndex(from, to, buffer.capacity()),
            to - from);
      } else {
        crc.update(buffer.duplicate().limit(to).position(from));
      }
      return this;
    }

    /** Takes in an array. */
    public Parts add(byte[] bytes) {
      crc.update(bytes);
      return this;
    }

    /** The checksum of all parts so far. */
    public int checksum() {
      return ~(int) crc.getValue();
    }
  }

  /** The checksum of a 32-bit number as it lies on a little-endian disk, going on from start. */
  public static int ofLittleEndian(int start, int value) {
    int state = start ^ value;
    for (int i = 0; i < Integer.BYTES; i++) {
      state = (state >>> Byte.SIZE) ^ REMAINDERS[state & 0xff];
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

  /** The state that four bytes of zero turn into {@code state}: the steps run backwards. */
  private static int before(int state) {
    for (int i = 0; i < Integer.BYTES; i++) {
      int value = BY_TOP_BYTE[state >>> 24] & 0xff;
      state = ((state ^ REMAINDERS[value]) << Byte.SIZE) | value;
    }
    return state;
  }
}
