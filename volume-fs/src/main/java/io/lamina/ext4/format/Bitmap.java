package io.lamina.ext4.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A bitmap of clusters or inodes: bit 0 is the lowest of the first byte. Buffers are little-endian.
 */
public final class Bitmap {
  private Bitmap() {}

  /** Whether a bit is set. */
  public static boolean isSet(ByteBuffer bitmap, int index) {
    return (bitmap.get(index >>> 3) >>> (index & 7) & 1) != 0;
  }

  /** Sets bits {@code from} to {@code to}. */
  public static void set(ByteBuffer bitmap, int from, int to) {
    int at = from;
    while (at < to) {
      if ((at & 7) == 0 && to - at >= Byte.SIZE) {
        bitmap.put(at >>> 3, (byte) 0xff);
        at += Byte.SIZE;
      } else {
        bitmap.put(at >>> 3, (byte) (bitmap.get(at >>> 3) | 1 << (at & 7)));
        at++;
      }
    }
  }

  /** Clears bits {@code from} to {@code to}. */
  public static void clear(ByteBuffer bitmap, int from, int to) {
    int at = from;
    while (at < to) {
      if ((at & 7) == 0 && to - at >= Byte.SIZE) {
        bitmap.put(at >>> 3, (byte) 0);
        at += Byte.SIZE;
      } else {
        bitmap.put(at >>> 3, (byte) (bitmap.get(at >>> 3) & ~(1 << (at & 7))));
        at++;
      }
    }
  }

  /** The first clear bit at or after {@code from}, {@code end} where there is none before it. */
  public static int nextClear(ByteBuffer bitmap, int from, int end) {
    return next(bitmap, from, end, -1L);
  }

  /** The first set bit at or after {@code from}, {@code end} where there is none before it. */
  public static int nextSet(ByteBuffer bitmap, int from, int end) {
    return next(bitmap, from, end, 0);
  }

  /** The first bit that differs from those of {@code flip}. */
  private static int next(ByteBuffer bitmap, int from, int end, long flip) {
    int at = from;
    while (at < end) {
      long word = (word(bitmap, at >>> 6) ^ flip) >>> (at & 63);
      if (word != 0) {
        return Math.min(end, at + Long.numberOfTrailingZeros(word));
      }
      at = (at | 63) + 1;
    }
    return end;
  }

  private static long word(ByteBuffer bitmap, int index) {
    long word = bitmap.getLong(index << 3);
    return bitmap.order() == ByteOrder.LITTLE_ENDIAN ? word : Long.reverseBytes(word);
  }

  /** How many bits of {@code from} to {@code to} are set. */
  public static int count(ByteBuffer bitmap, int from, int to) {
    int count = 0;
    int at = nextSet(bitmap, from, to);
    while (at < to) {
      int end = nextClear(bitmap, at, to);
      count += end - at;
      at = nextSet(bitmap, end, to);
    }
    return count;
  }
}
