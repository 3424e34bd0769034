package io.lamina.ext4;

import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.Site;
import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file's blocks as ext2 maps them: twelve in the inode, the rest through one, two or three levels
 * of blocks that hold block numbers.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/blockmap.html">Direct and
 *     indirect block addressing</a>
 */
final class IndirectMap implements BlockMap {
  private static final int DIRECT = 12;
  private static final int LEVELS = 3;

  private final Volume volume;
  private final Geometry geometry;
  private final Inode inode;
  private final long numbersPerBlock;

  IndirectMap(Volume volume, Inode inode) {
    this.volume = volume;
    this.geometry = volume.geometry();
    this.inode = inode;
    this.numbersPerBlock = geometry.blockBytes() / Integer.BYTES;
  }

  @Override
  public Run at(long fileBlockNr) throws IOException {
    if (fileBlockNr < DIRECT) {
      ByteBuffer numbers = inode.raw().bytes();
      return scan(numbers, RawInode.BLOCK_OFFSET, (int) fileBlockNr, DIRECT, inode.site());
    }
    long rest = fileBlockNr - DIRECT;
    long span = numbersPerBlock;
    for (int level = 1; level <= LEVELS; level++) {
      if (rest < span) {
        return descend(inode.raw().blockMap(DIRECT + level - 1), level, span, rest);
      }
      rest -= span;
      span *= numbersPerBlock;
    }
    return Run.hole(END);
  }

  /**
   * Goes down from a block of numbers.
   *
   * @param top its block number
   * @param span blocks of the file that it maps
   * @param from the one that is asked for, counted from its first
   */
  private Run descend(long top, int levels, long span, long from) throws IOException {
    long blockNr = top;
    long offset = from;
    long below = span;
    Site site = inode.site();
    for (int level = levels; level > 0; level--) {
      if (blockNr == 0) {
        return Run.hole(below - offset);
      }
      check(blockNr, site);
      site = new Site("ext4 indirect block of inode", inode.inodeNr(), blockNr);
      ByteBuffer numbers = volume.block(blockNr).bytes();
      below /= numbersPerBlock;
      int index = (int) (offset / below);
      offset %= below;
      if (level == 1) {
        return scan(numbers, 0, index, (int) numbersPerBlock, site);
      }
      blockNr = number(numbers, 0, index);
    }
    throw new IllegalStateException("no levels");
  }

  private Run scan(ByteBuffer numbers, int base, int from, int to, Site site)
      throws CorruptException {
    long first = number(numbers, base, from);
    int end = from + 1;
    if (first == 0) {
      while (end < to && number(numbers, base, end) == 0) {
        end++;
      }
      return Run.hole(end - from);
    }
    check(first, site);
    while (end < to
        && number(numbers, base, end) == first + end - from
        && geometry.holds(first + end - from, 1)) {
      end++;
    }
    return new Run(first, end - from);
  }

  private static long number(ByteBuffer numbers, int base, int index) {
    return numbers.getInt(base + index * Integer.BYTES) & 0xffff_ffffL;
  }

  private void check(long blockNr, Site site) throws CorruptException {
    if (!geometry.holds(blockNr, 1)) {
      throw site.damage("block number", "below " + geometry.blockCount(), blockNr);
    }
  }
}
