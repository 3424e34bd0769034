package io.lamina.ext4.format;

/**
 * The hashes of names by which an indexed directory is sorted.
 *
 * @param major the hash, its lowest bit always 0
 * @param minor a second word, part of the names of files whose key is not there
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/directory.html">Hash tree
 *     directories</a>
 */
public record NameHash(int major, int minor) {
  private static final int LEGACY = 0;
  private static final int HALF_MD4 = 1;
  private static final int TEA = 2;
  private static final int SIGNED_VERSIONS = 3;
  private static final int VERSIONS = 6;

  private static final int END_OF_DIRECTORY = 0x7fff_ffff << 1;
  private static final int[] NO_SEED = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  private static final int TEA_DELTA = 0x9e37_79b9;
  private static final int TEA_ROUNDS = 16;
  private static final int TEA_WORDS = 4;
  private static final int MD4_WORDS = 8;
  private static final int MD4_K2 = 0x5a82_7999;
  private static final int MD4_K3 = 0x6ed9_eba1;

  /**
   * Whether a version is one of those computed here; siphash, for names both encrypted and
   * casefolded, is not, as it needs the key.
   */
  public static boolean isKnown(int version) {
    return version >= 0 && version < VERSIONS;
  }

  /** The version that counts bytes as the volume does: signed or unsigned. */
  public static int effectiveVersion(int version, boolean unsigned) {
    return unsigned && version < SIGNED_VERSIONS ? version + SIGNED_VERSIONS : version;
  }

  /**
   * Hashes a name.
   *
   * @param version one that {@link #isKnown}
   * @param seed the volume's four words
   */
  public static NameHash of(byte[] name, int version, int[] seed) {
    boolean signed = version < SIGNED_VERSIONS;
    NameHash hash =
        switch (signed ? version : version - SIGNED_VERSIONS) {
          case LEGACY -> new NameHash(legacy(name, signed), 0);
          case HALF_MD4 -> halfMd4(name, seed, signed);
          case TEA -> tea(name, seed, signed);
          default -> throw new IllegalStateException("hash version " + version);
        };
    int major = hash.major & ~1;
    return new NameHash(major == END_OF_DIRECTORY ? END_OF_DIRECTORY - 2 : major, hash.minor);
  }

  private static int legacy(byte[] name, boolean signed) {
    int previous = 0x37ab_e8f9;
    int current = 0x12a3_fe2d;
    for (byte b : name) {
      int next = previous + (current ^ (value(b, signed) * 7152373));
      if (next < 0) {
        next -= 0x7fff_ffff;
      }
      previous = current;
      current = next;
    }
    return current << 1;
  }

  private static int value(byte b, boolean signed) {
    return signed ? b : b & 0xff;
  }

  private static NameHash tea(byte[] name, int[] seed, boolean signed) {
    int[] state = start(seed);
    int[] words = new int[TEA_WORDS];
    for (int at = 0; at < name.length; at += TEA_WORDS * Integer.BYTES) {
      pack(name, at, signed, words);
      teaTransform(state, words);
    }
    return new NameHash(state[0], state[1]);
  }

  private static void teaTransform(int[] state, int[] words) {
    int sum = 0;
    int x = state[0];
    int y = state[1];
    for (int round = 0; round < TEA_ROUNDS; round++) {
      sum += TEA_DELTA;
      x += ((y << 4) + words[0]) ^ (y + sum) ^ ((y >>> 5) + words[1]);
      y += ((x << 4) + words[2]) ^ (x + sum) ^ ((x >>> 5) + words[3]);
    }
    state[0] += x;
    state[1] += y;
  }

  private static NameHash halfMd4(byte[] name, int[] seed, boolean signed) {
    int[] state = start(seed);
    int[] words = new int[MD4_WORDS];
    for (int at = 0; at < name.length; at += MD4_WORDS * Integer.BYTES) {
      pack(name, at, signed, words);
      halfMd4Transform(state, words);
    }
    return new NameHash(state[1], state[2]);
  }

  /** The order in which each round takes the words in, and how far it turns each sum. */
  private static final int[][] MD4_ORDER = {
    {0, 1, 2, 3, 4, 5, 6, 7}, {1, 3, 5, 7, 0, 2, 4, 6}, {3, 7, 2, 6, 1, 5, 0, 4}
  };

  private static final int[][] MD4_TURNS = {{3, 7, 11, 19}, {3, 5, 9, 13}, {3, 9, 11, 15}};
  private static final int[] MD4_CONSTANT = {0, MD4_K2, MD4_K3};

  private static void halfMd4Transform(int[] state, int[] words) {
    int[] s = state.clone();
    for (int round = 0; round < MD4_ORDER.length; round++) {
      for (int step = 0; step < MD4_WORDS; step++) {
        int target = (4 - step % 4) % 4; // a, d, c, b, and again
        int x = s[(target + 1) % 4];
        int y = s[(target + 2) % 4];
        int z = s[(target + 3) % 4];
        int mixed =
            switch (round) {
              case 0 -> z ^ (x & (y ^ z));
              case 1 -> (x & y) + ((x ^ y) & z);
              default -> x ^ y ^ z;
            };
        int sum = s[target] + mixed + words[MD4_ORDER[round][step]] + MD4_CONSTANT[round];
        s[target] = Integer.rotateLeft(sum, MD4_TURNS[round][step % 4]);
      }
    }
    for (int i = 0; i < state.length; i++) {
      state[i] += s[i];
    }
  }

  private static int[] start(int[] seed) {
    for (int word : seed) {
      if (word != 0) {
        return seed.clone();
      }
    }
    return NO_SEED.clone();
  }

  /** Packs what is left of a name into words, four bytes each, filled up by its own length. */
  private static void pack(byte[] name, int from, boolean signed, int[] words) {
    int left = name.length - from;
    int padding = (left & 0xff) | (left & 0xff) << Byte.SIZE;
    padding |= padding << Short.SIZE;
    int bytes = Math.min(left, words.length * Integer.BYTES);
    int word = padding;
    int filled = 0;
    for (int i = 0; i < bytes; i++) {
      word = value(name[from + i], signed) + (word << Byte.SIZE);
      if (i % Integer.BYTES == Integer.BYTES - 1) {
        words[filled++] = word;
        word = padding;
      }
    }
    if (filled < words.length) {
      words[filled++] = word;
    }
    while (filled < words.length) {
      words[filled++] = padding;
    }
  }
}
