package io.lamina.graph.tarsplit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.Checksum;

/**
 * CRC-64 with the polynomial of ISO 3309, as Go's {@code crc64.ISO}.
 *
 * @see <a href="https://pkg.go.dev/hash/crc64">hash/crc64</a>
 */
public final class Crc64 implements Checksum {
  private static final long POLYNOMIAL = 0xd800_0000_0000_0000L;
  private static final long[] TABLE = table();
  private static final VarHandle LITTLE_ENDIAN =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private long crc = -1;

  private static long[] table() {
    long[] table = new long[1 << Byte.SIZE];
    for (int i = 0; i < table.length; i++) {
      long value = i;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        value = (value >>> 1) ^ ((value & 1) == 0 ? 0 : POLYNOMIAL);
      }
      table[i] = value;
    }
    return table;
  }

  @Override
  public void update(int b) {
    crc = TABLE[(int) (crc ^ b) & 0xff] ^ (crc >>> Byte.SIZE);
  }

  @Override
  public void update(byte[] bytes, int from, int length) {
    int at = from;
    int end = from + length;
    long sum = crc;
    for (; end - at >= Long.BYTES; at += Long.BYTES) {
      sum = pushedOut(sum ^ (long) LITTLE_ENDIAN.get(bytes, at));
    }
    crc = sum;
    for (; at < end; at++) {
      update(bytes[at]);
    }
  }

  /**
   * The remainder of a word followed by 64 zeroes, in which the lowest bit has the highest power.
   * As x^64 leaves x^4 + x^3 + x + 1, that is the product with those four terms; the terms' few
   * bits beyond the word are multiplied once more.
   */
  private static long pushedOut(long word) {
    long all = word ^ (word << 63) ^ (word << 61) ^ (word << 60);
    return all ^ (all >>> 1) ^ (all >>> 3) ^ (all >>> 4);
  }

  @Override
  public long getValue() {
    return ~crc;
  }

  @Override
  public void reset() {
    crc = -1;
  }
}
