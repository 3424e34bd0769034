package io.lamina.ext4.format;

/**
 * A range of a file's blocks in as many consecutive blocks of the volume.
 *
 * @param fileBlockNr its first block of the file
 * @param blockNr where that lies in the volume
 * @param blockCount how many
 * @param initialised whether it has been written to; else it reads as zeroes
 */
public record Extent(long fileBlockNr, long blockNr, int blockCount, boolean initialised) {
  /** An initialised one is no longer than this. */
  public static final int MAX_INITIALISED = 0x8000;

  /** One that is not initialised is no longer than this. */
  public static final int MAX_UNINITIALISED = 0x7fff;

  /** No file with extents has more blocks: the last number is not used. */
  public static final long MAX_FILE_BLOCKS = 0xffff_ffffL;

  /** The block of the file behind it. */
  public long end() {
    return fileBlockNr + blockCount;
  }

  /** The longest one of a kind. */
  public static int maxBlocks(boolean initialised) {
    return initialised ? MAX_INITIALISED : MAX_UNINITIALISED;
  }

  /** The part of it from one block of the file up to another, both within it. */
  public Extent part(long from, long to) {
    return new Extent(from, blockNr + from - fileBlockNr, (int) (to - from), initialised);
  }

  /** The same blocks, written to. */
  public Extent written() {
    return new Extent(fileBlockNr, blockNr, blockCount, true);
  }

  /** Whether another one goes on where this ends, in the file and the volume, and fits into one. */
  public boolean joins(Extent next) {
    return next.initialised == initialised
        && next.fileBlockNr == end()
        && next.blockNr == blockNr + blockCount
        && blockCount + next.blockCount <= maxBlocks(initialised);
  }

  /** This one and the one that it joins. */
  Extent joined(Extent next) {
    return new Extent(fileBlockNr, blockNr, blockCount + next.blockCount, initialised);
  }
}
