package io.lamina.ext4.format;

import java.nio.ByteBuffer;

/** CRC-16 with the polynomial 0x8005, reflected: the checksum of group descriptors in uninit_bg. */
final class Crc16 {
  private static final int POLYNOMIAL_REVERSED = 0xa001;

  private Crc16() {}

  /** The checksum of bytes {@code from} to {@code to}, going on from {@code start}. */
  static int of(int start, ByteBuffer bytes, int from, int to) {
    int crc = start;
    for (int at = from; at < to; at++) {
      crc ^= bytes.get(at) & 0xff;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        crc = (crc >>> 1) ^ (POLYNOMIAL_REVERSED & -(crc & 1));
      }
    }
    return crc;
  }
}
