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
  private static final int SLICES = 8;
  private static final long[][] TABLES = tables();
  private static final VarHandle LITTLE_ENDIAN =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

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
    long sum = crc;
    for (; end - at >= SLICES; at += SLICES) {
      long mixed = sum ^ (long) LITTLE_ENDIAN.get(bytes, at);
      // Written out: this is done for every byte of every layer.
      sum =
          TABLES[7][(int) mixed & 0xff]
              ^ TABLES[6][(int) (mixed >>> 8) & 0xff]
              ^ TABLES[5][(int) (mixed >>> 16) & 0xff]
              ^ TABLES[4][(int) (mixed >>> 24) & 0xff]
              ^ TABLES[3][(int) (mixed >>> 32) & 0xff]
              ^ TABLES[2][(int) (mixed >>> 40) & 0xff]
              ^ TABLES[1][(int) (mixed >>> 48) & 0xff]
              ^ TABLES[0][(int) (mixed >>> 56)];
    }
    crc = sum;
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
