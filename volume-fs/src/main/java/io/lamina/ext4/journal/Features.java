package io.lamina.ext4.journal;

import io.lamina.ondisk.UnsupportedException;

/**
 * What the log makes use of.
 *
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html#super-block">jbd2 feature
 *     sets</a>
 */
record Features(int compatible, int incompatible, int readOnlyCompatible) {
  /** Of a version 1 superblock, whose feature fields mean nothing. */
  static final Features NONE = new Features(0, 0, 0);

  private static final int COMPAT_CHECKSUM = 0x1;

  private static final int REVOKE = 0x1;
  private static final int BLOCK_NUMBERS_64 = 0x2;
  private static final int ASYNC_COMMIT = 0x4;
  private static final int CHECKSUM_V2 = 0x8;
  private static final int CHECKSUM_V3 = 0x10;
  private static final int FAST_COMMIT = 0x20;
  private static final int KNOWN =
      REVOKE | BLOCK_NUMBERS_64 | ASYNC_COMMIT | CHECKSUM_V2 | CHECKSUM_V3 | FAST_COMMIT;

  /**
   * These, with what the kernel announces when it mounts such a volume for writing: revoke records,
   * 64 bits, checksums of the log's blocks where metadata has them, and no others.
   */
  Features forWriting(boolean has64Bits, boolean hasChecksums) {
    int kept = incompatible & ~(ASYNC_COMMIT | CHECKSUM_V2 | CHECKSUM_V3);
    int wanted = REVOKE | (has64Bits ? BLOCK_NUMBERS_64 : 0) | (hasChecksums ? CHECKSUM_V3 : 0);
    return new Features(compatible & ~COMPAT_CHECKSUM, kept | wanted, readOnlyCompatible);
  }

  /** A crc32 of all of a transaction's blocks in its commit block. */
  boolean checksumV1() {
    return (compatible & COMPAT_CHECKSUM) != 0;
  }

  boolean checksumV2() {
    return (incompatible & CHECKSUM_V2) != 0;
  }

  boolean checksumV3() {
    return (incompatible & CHECKSUM_V3) != 0;
  }

  /** A crc32c of each block of the log, version 2 or 3. */
  boolean blockChecksums() {
    return checksumV2() || checksumV3();
  }

  boolean blockNumbers64() {
    return (incompatible & BLOCK_NUMBERS_64) != 0;
  }

  /** The commit block was written without waiting for the blocks before it. */
  boolean asyncCommit() {
    return (incompatible & ASYNC_COMMIT) != 0;
  }

  boolean fastCommit() {
    return (incompatible & FAST_COMMIT) != 0;
  }

  void requireSupported() throws UnsupportedException {
    refuse("incompatible", incompatible & ~KNOWN);
    refuse("read-only compatible", readOnlyCompatible);
  }

  /** Names the lowest bit: nobody has given these a name yet. */
  private static void refuse(String kind, int unknown) throws UnsupportedException {
    if (unknown != 0) {
      throw new UnsupportedException(
          String.format(
              "journal superblock: %s feature 0x%x is not supported",
              kind, Integer.lowestOneBit(unknown)));
    }
  }
}
