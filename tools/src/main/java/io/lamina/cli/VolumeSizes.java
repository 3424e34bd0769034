package io.lamina.cli;

/** What sizes volumes may have. */
final class VolumeSizes {
  private static final int SECTOR_BYTES = 512;

  private VolumeSizes() {}

  static void check(WritingCommand command, long size) {
    if (size == 0 || size % SECTOR_BYTES != 0) {
      throw command.usage("--size: expected a multiple of 512 bytes, found " + size);
    }
  }

  /** The next whole sector. */
  static long roundUp(long size) {
    return (size + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
  }
}
