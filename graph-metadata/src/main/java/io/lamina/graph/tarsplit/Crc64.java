package io.lamina.graph.tarsplit;

import java.util.zip.Checksum;

/**
 * CRC-64 with the polynomial of ISO 3309, as Go's {@code crc64.ISO}.
 *
 * @see <a href="https://pkg.go.dev/hash/crc64">hash/crc64</a>
 */
public final class Crc64 implements Checksum {
  private static final long POLYNOMIAL = 0xd800_0000_0000_0000L;
  private static final int SLICES = 8;
  private static final long[][] TABLES = tables();

  private long crc = -1;

  private static long[][] tables() {
    long[][] tables = new long[SLICES][256];
    for (int i = 0; i < 256; i++) {
      long value = i;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        value = (value >>> 1) ^ ((value & 1) == 0 ? 0 : POLYNOMIAL);
      }
      tables[0][i] = value;
    }
    for (int slice = 1; slice < SLICES; slice++) {
      for (int i = 0; i < 256; i++) {
        long shorter = tables[slice - 1][i];
        tables[slice][i] = tables[0][(int) shorter & 0xff] ^ (shorter >>> Byte.SIZE);
      }
    }
    return tables;
  }

  @Override
  public void update(int b) {
    crc = TABLES[0][(int) (crc ^ b) & 0xff] ^ (crc >>> Byte.SIZE);
  }

  @Override
  public void update(byte[] bytes, int from, int length) {
    int at = from;
    int end = from + length;
    for (; end - at >= SLICES; at += SLICES) {
      long mixed = crc;
      for (int i = 0; i < SLICES; i++) {
        mixed ^= (bytes[at + i] & 0xffL) << (Byte.SIZE * i);
      }
      crc = 0;
      for (int i = 0; i < SLICES; i++) {
        crc ^= TABLES[SLICES - 1 - i][(int) (mixed >>> (Byte.SIZE * i)) & 0xff];
      }
    }
    for (; at < end; at++) {
      update(bytes[at]);
    }
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
