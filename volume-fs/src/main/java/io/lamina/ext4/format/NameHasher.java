package io.lamina.ext4.format;

/** Hashes names as one directory sorts them. */
public final class NameHasher {
  private final int version;
  private final int[] seed;

  /**
   * A hasher.
   *
   * @param version one that {@link NameHash#isKnown}
   * @param seed the volume's four words
   */
  public NameHasher(int version, int[] seed) {
    this.version = version;
    this.seed = seed;
  }

  /** The hash of a name. */
  public NameHash of(byte[] name) {
    return NameHash.of(name, version, seed);
  }
}
