package io.lamina.layer.union;

/**
 * Numbers by cookies, in the order of the cookies: a hash table whose slots are in that order,
 * since a cookie's place follows from its highest bits, and what does not fit there lies behind it.
 * Takes 12 bytes a slot. Cookies are positive and evenly spread. Used by one thread at a time.
 */
final class CookieTable {
  /** Where nothing is. */
  static final int NONE = -1;

  private static final int FIRST_BITS = 3;

  /** A table is never emptier than this. */
  private static final int LEAST_SHARE = 8;

  /** For what does not fit into the last slots. */
  private static final int BEHIND = 32;

  private int bits = FIRST_BITS;
  private int count;
  private long[] cookies = new long[slotCount(FIRST_BITS)];
  private int[] numbers = new int[slotCount(FIRST_BITS)];

  private static int slotCount(int bits) {
    return (1 << bits) + Math.min(1 << bits, BEHIND);
  }

  int count() {
    return count;
  }

  /** Bytes that it takes. */
  long byteCount() {
    return (long) cookies.length * (Long.BYTES + Integer.BYTES);
  }

  private int home(long cookie) {
    return (int) (cookie >>> (Long.SIZE - 1 - bits));
  }

  /** The slot of the first cookie from one on; {@link #NONE} where there is none. */
  int ceiling(long cookie) {
    for (int slot = home(cookie); slot < cookies.length; slot++) {
      if (cookies[slot] >= cookie) {
        return slot;
      }
    }
    return NONE;
  }

  /**
   * The slot of the first cookie of a range that all have the same place.
   *
   * @param to the one behind the last
   * @return {@link #NONE} where there is none
   */
  int first(long from, long to) {
    for (int slot = home(from); slot < cookies.length && cookies[slot] != 0; slot++) {
      if (cookies[slot] >= from) {
        return cookies[slot] < to ? slot : NONE;
      }
    }
    return NONE;
  }

  /** The slot of the next cookie behind one in its slot; {@link #NONE} where there is none. */
  int next(int slot) {
    for (int next = slot + 1; next < cookies.length; next++) {
      if (cookies[next] != 0) {
        return next;
      }
    }
    return NONE;
  }

  long cookie(int slot) {
    return cookies[slot];
  }

  int number(int slot) {
    return numbers[slot];
  }

  void setNumber(int slot, int number) {
    numbers[slot] = number;
  }

  /** Puts a cookie in that is not there. */
  void add(long cookie, int number) {
    if (count + 1 > (1 << bits) / 4 * 3) {
      resize(bits + 1);
    }
    while (!tryAdd(cookie, number)) {
      resize(bits + 1);
    }
    count++;
  }

  /** Whether there was a slot free behind its place. */
  private boolean tryAdd(long cookie, int number) {
    int slot = home(cookie);
    while (slot < cookies.length && cookies[slot] != 0 && cookies[slot] < cookie) {
      slot++;
    }
    int free = slot;
    while (free < cookies.length && cookies[free] != 0) {
      free++;
    }
    if (free == cookies.length) {
      return false;
    }
    System.arraycopy(cookies, slot, cookies, slot + 1, free - slot);
    System.arraycopy(numbers, slot, numbers, slot + 1, free - slot);
    cookies[slot] = cookie;
    numbers[slot] = number;
    return true;
  }

  private void resize(int newBits) {
    long[] fromCookies = cookies;
    int[] fromNumbers = numbers;
    bits = newBits;
    while (!tryTakeOver(fromCookies, fromNumbers)) {
      bits++;
    }
  }

  private boolean tryTakeOver(long[] fromCookies, int[] fromNumbers) {
    cookies = new long[slotCount(bits)];
    numbers = new int[slotCount(bits)];
    for (int slot = 0; slot < fromCookies.length; slot++) {
      if (fromCookies[slot] != 0 && !tryAdd(fromCookies[slot], fromNumbers[slot])) {
        return false;
      }
    }
    return true;
  }

  /** Takes the cookie of a slot away; what lies behind its own place moves up. */
  void remove(int slot) {
    int end = slot + 1;
    while (end < cookies.length && cookies[end] != 0 && home(cookies[end]) < end) {
      end++;
    }
    System.arraycopy(cookies, slot + 1, cookies, slot, end - slot - 1);
    System.arraycopy(numbers, slot + 1, numbers, slot, end - slot - 1);
    cookies[end - 1] = 0;
    numbers[end - 1] = 0;
    count--;
    if (bits > FIRST_BITS && count < (1 << bits) / LEAST_SHARE) {
      resize(bits - 1); // who looks for the next one passes empty slots
    }
  }
}
