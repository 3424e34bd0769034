package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes a file's block map of ext2's kind: numbers of blocks in the inode, then in blocks of
 * numbers, one to three levels of them. Each call leaves a sound map, also when it fails for want
 * of a block. Used by one thread at a time.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/blockmap.html">Direct and
 *     indirect block addressing</a>
 */
public final class IndirectMapEditor {
  private static final int DIRECT = 12;
  private static final int LEVELS = 3;

  private final ByteBuffer inode;
  private final Geometry geometry;
  private final MapBlocks blocks;
  private final Site site;
  private final int perBlock;

  /**
   * An editor.
   *
   * @param inode the inode's bytes, to be changed
   * @param site where they lie, for complaints
   */
  public IndirectMapEditor(ByteBuffer inode, Geometry geometry, MapBlocks blocks, Site site) {
    this.inode = inode;
    this.geometry = geometry;
    this.blocks = blocks;
    this.site = site;
    this.perBlock = geometry.blockBytes() / Integer.BYTES;
  }

  /** How many blocks of a file can be mapped. */
  public static long maxFileBlocks(int blockBytes) {
    long perBlock = blockBytes / Integer.BYTES;
    return DIRECT + perBlock + perBlock * perBlock + perBlock * perBlock * perBlock;
  }

  /**
   * Maps blocks of the file that were not mapped to consecutive blocks of the volume.
   *
   * @return how many it mapped: as far as one block of numbers goes, at least one
   */
  public int insert(long fileBlockNr, long blockNr, int blockCount) throws IOException {
    if (fileBlockNr < DIRECT) {
      int count = (int) Math.min(blockCount, DIRECT - fileBlockNr);
      put(inode, RawInode.BLOCK_OFFSET, (int) fileBlockNr, blockNr, count);
      return count;
    }
    long rest = fileBlockNr - DIRECT;
    long span = perBlock;
    int level = 1;
    while (rest >= span) {
      rest -= span;
      span *= perBlock;
      level++;
    }
    int slot = DIRECT + level - 1;
    long top = number(inode, RawInode.BLOCK_OFFSET, slot);
    if (top == 0) {
      top = blocks.allocate();
      blocks.fresh(top);
      setNumber(inode, RawInode.BLOCK_OFFSET, slot, top);
    }
    return insertBelow(require(top), level, span, rest, blockNr, blockCount);
  }

  private int insertBelow(long top, int levels, long span, long from, long blockNr, int blockCount)
      throws IOException {
    long nodeNr = top;
    long below = span;
    long rest = from;
    for (int level = levels; level > 1; level--) {
      below /= perBlock;
      int index = (int) (rest / below);
      rest %= below;
      long child = number(blocks.read(nodeNr, level - 1), 0, index);
      if (child == 0) {
        child = blocks.allocate();
        blocks.fresh(child);
        setNumber(blocks.modify(nodeNr), 0, index, child);
      }
      nodeNr = require(child);
    }
    int count = (int) Math.min(blockCount, perBlock - rest);
    put(blocks.modify(nodeNr), 0, (int) rest, blockNr, count);
    return count;
  }

  private static void put(ByteBuffer numbers, int base, int from, long blockNr, int count) {
    for (int i = 0; i < count; i++) {
      if (number(numbers, base, from + i) != 0) {
        throw new IllegalStateException("number " + (from + i) + " is in use");
      }
      setNumber(numbers, base, from + i, blockNr + i);
    }
  }

  /**
   * Takes the mapping of blocks of a file away, a part of them at a time, the last ones first.
   *
   * @param from the first block of the file
   * @param to the one behind the last
   * @param maxExtents how many runs to take away at the most
   * @return what is not mapped any more; none when nothing of the range is mapped
   */
  public List<Extent> remove(long from, long to, int maxExtents) throws IOException {
    List<Extent> removed = new ArrayList<>();
    long span = (long) perBlock * perBlock * perBlock;
    long base = maxFileBlocks(geometry.blockBytes()) - span;
    for (int level = LEVELS; level > 0 && removed.isEmpty() && to > DIRECT; level--) {
      int slot = DIRECT + level - 1;
      long top = number(inode, RawInode.BLOCK_OFFSET, slot);
      if (top != 0 && overlaps(base, span, from, to)) {
        Part part = new Part(from, to, maxExtents, removed);
        if (removeBelow(require(top), level, base, span, part)) {
          setNumber(inode, RawInode.BLOCK_OFFSET, slot, 0);
        }
      }
      span /= perBlock;
      base -= span;
    }
    if (removed.isEmpty() && from < DIRECT) {
      Part part = new Part(from, Math.min(to, DIRECT), maxExtents, removed);
      removeNumbers(inode, RawInode.BLOCK_OFFSET, 0, DIRECT, part);
    }
    return removed;
  }

  /** What of a file is to be removed, and what has been. */
  private record Part(long from, long to, int maxExtents, List<Extent> removed) {
    boolean isFull() {
      return removed.size() >= maxExtents;
    }
  }

  private static boolean overlaps(long base, long span, long from, long to) {
    return base < to && base + span > from;
  }

  /**
   * Removes below a block of numbers.
   *
   * @param base the first block of the file that it maps
   * @param span how many it maps
   * @return whether nothing is left of it, so that it was given back
   */
  private boolean removeBelow(long nodeNr, int level, long base, long span, Part part)
      throws IOException {
    if (level == 1) {
      return removeInLeaf(nodeNr, base, part);
    }
    long below = span / perBlock;
    int first = (int) Math.max(0, (part.from - base) / below);
    int last = (int) Math.min(perBlock - 1, (part.to - 1 - base) / below);
    for (int index = last; index >= first && part.removed.isEmpty(); index--) {
      long child = number(blocks.read(nodeNr, level - 1), 0, index);
      if (child != 0 && removeBelow(require(child), level - 1, base + index * below, below, part)) {
        setNumber(blocks.modify(nodeNr), 0, index, 0);
      }
    }
    return freeIfEmpty(nodeNr, blocks.read(nodeNr, level - 1));
  }

  private boolean removeInLeaf(long nodeNr, long base, Part part) throws IOException {
    ByteBuffer left = ByteBuffer.allocate(geometry.blockBytes());
    ByteBuffer read = blocks.read(nodeNr, 0);
    left.order(read.order()).put(0, read, 0, read.limit());
    removeNumbers(left, 0, base, perBlock, part);
    if (freeIfEmpty(nodeNr, left)) {
      return true;
    }
    if (!part.removed.isEmpty()) {
      blocks.modify(nodeNr).put(0, left, 0, left.limit());
    }
    return false;
  }

  private boolean freeIfEmpty(long nodeNr, ByteBuffer numbers) throws IOException {
    for (int i = 0; i < perBlock; i++) {
      if (number(numbers, 0, i) != 0) {
        return false;
      }
    }
    blocks.free(nodeNr);
    return true;
  }

  /** Sets numbers of one array to zero, backwards, and lists them as runs. */
  private void removeNumbers(ByteBuffer numbers, int at, long base, int count, Part part)
      throws CorruptException {
    int first = (int) Math.max(0, part.from - base);
    int index = (int) Math.min(count, part.to - base) - 1;
    while (index >= first && !part.isFull()) {
      int end = index + 1;
      long blockNr = number(numbers, at, index);
      while (blockNr != 0 && index > first && number(numbers, at, index - 1) == blockNr - 1) {
        blockNr--;
        index--;
      }
      if (blockNr != 0) {
        if (!geometry.holds(blockNr, end - index)) {
          throw site.damage("block number", "below " + geometry.blockCount(), blockNr);
        }
        part.removed.add(new Extent(base + index, blockNr, end - index, true));
        for (int i = index; i < end; i++) {
          setNumber(numbers, at, i, 0);
        }
      }
      index--;
    }
  }

  private long require(long blockNr) throws CorruptException {
    if (!geometry.holds(blockNr, 1)) {
      throw site.damage("block number", "below " + geometry.blockCount(), blockNr);
    }
    return blockNr;
  }

  private static long number(ByteBuffer numbers, int base, int index) {
    return numbers.getInt(base + index * Integer.BYTES) & 0xffff_ffffL;
  }

  private static void setNumber(ByteBuffer numbers, int base, int index, long blockNr) {
    numbers.putInt(base + index * Integer.BYTES, (int) blockNr);
  }
}
