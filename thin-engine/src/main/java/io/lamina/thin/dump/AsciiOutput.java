package io.lamina.thin.dump;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** ASCII and decimal numbers, fast: millions of lines go through here. */
public final class AsciiOutput {
  private static final int BUFFER_BYTES = 1 << 16;

  /** As many digits as the largest number has. */
  private static final int MAX_DIGITS = 20;

  private static final byte[] TWO_DIGITS = new byte[200];

  static {
    for (int i = 0; i < 100; i++) {
      TWO_DIGITS[2 * i] = (byte) ('0' + i / 10);
      TWO_DIGITS[2 * i + 1] = (byte) ('0' + i % 10);
    }
  }

  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int used;

  /** Writes to a stream, which stays open. */
  public AsciiOutput(OutputStream out) {
    this.out = out;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Writes a text. */
  public AsciiOutput put(String text) throws IOException {
    return put(ascii(text));
  }

  /** Writes a short text's bytes. */
  public AsciiOutput put(byte[] text) throws IOException {
    reserve(text.length);
    System.arraycopy(text, 0, buffer, used, text.length);
    used += text.length;
    return this;
  }

  /** Writes a number, unsigned. */
  public AsciiOutput put(long number) throws IOException {
    reserve(MAX_DIGITS);
    if (number >>> Integer.SIZE != 0) {
      return put(Long.toUnsignedString(number));
    }
    int end = used + digitCount(number);
    used = end;
    long left = number;
    while (left >= 100) {
      long hundreds = (left * 1374389535L) >>> 37; // left / 100, for all of 32 bits
      int pair = (int) (left - hundreds * 100) * 2;
      buffer[--end] = TWO_DIGITS[pair + 1];
      buffer[--end] = TWO_DIGITS[pair];
      left = hundreds;
    }
    int pair = (int) left * 2;
    buffer[--end] = TWO_DIGITS[pair + 1];
    if (left >= 10) {
      buffer[--end] = TWO_DIGITS[pair];
    }
    return this;
  }

  private static int digitCount(long number) {
    int count = 1;
    for (long bound = 10; number >= bound; bound *= 10) {
      count++;
    }
    return count;
  }

  private void reserve(int byteCount) throws IOException {
    if (used + byteCount > BUFFER_BYTES) {
      flush();
    }
  }

  /** Hands on what is buffered. */
  public void flush() throws IOException {
    int count = used;
    used = 0;
    out.write(buffer, 0, count);
    out.flush();
  }
}
