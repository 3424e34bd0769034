package io.lamina.ext4;

import io.lamina.ext4.format.ExtentNode;
import io.lamina.ext4.format.Site;
import java.io.IOException;

/** A file's blocks as a tree of extents, walked from its root for each question. */
final class ExtentMap implements BlockMap {
  private final Volume volume;
  private final Inode inode;
  private final ExtentNode root;

  ExtentMap(Volume volume, Inode inode) throws IOException {
    this.volume = volume;
    this.inode = inode;
    this.root = ExtentNode.root(inode.raw(), volume.geometry(), inode.site());
  }

  @Override
  public Run at(long fileBlockNr) throws IOException {
    ExtentNode node = root;
    long end = END;
    while (!node.isLeaf()) {
      int index = node.find(fileBlockNr);
      if (index < 0) {
        return Run.hole(node.fileBlockNr(0) - fileBlockNr);
      }
      if (index + 1 < node.count()) {
        end = Math.min(end, node.fileBlockNr(index + 1));
      }
      node = child(node, index, end);
    }
    return inLeaf(node, fileBlockNr, end);
  }

  private ExtentNode child(ExtentNode parent, int index, long end) throws IOException {
    long blockNr = parent.childBlockNr(index);
    MetadataBlock block = block(volume, blockNr, parent.depth() - 1, inode.inodeNr(), inode.seed());
    ExtentNode node = ExtentNode.inBlock(block.bytes());
    checkRange(node, parent.fileBlockNr(index), end, blockNr);
    return node;
  }

  /**
   * A block with a node, verified.
   *
   * @param depth levels below it
   * @param seed what the checksums of the inode's blocks start with
   */
  static MetadataBlock block(Volume volume, long blockNr, int depth, long inodeNr, int seed)
      throws IOException {
    MetadataBlock block = volume.block(blockNr);
    ExtentNode node = ExtentNode.inBlock(block.bytes());
    if (!block.isVerified(MetadataBlock.Kind.EXTENTS, inodeNr)) {
      node.verify(volume.checksums(), seed, volume.geometry(), site(inodeNr, blockNr));
      block.setVerified(MetadataBlock.Kind.EXTENTS, inodeNr);
    }
    if (node.depth() != depth) {
      throw site(inodeNr, blockNr).damage("eh_depth", depth, node.depth());
    }
    return block;
  }

  /** What a child maps must lie in its part of the file: so none is reached twice. */
  private void checkRange(ExtentNode node, long start, long end, long blockNr) throws IOException {
    int count = node.count();
    if (count == 0) {
      return;
    }
    if (node.fileBlockNr(0) != start) {
      throw site(inode.inodeNr(), blockNr).damage("first ee_block", start, node.fileBlockNr(0));
    }
    long last = node.fileBlockNr(count - 1) + (node.isLeaf() ? node.blockCount(count - 1) : 1);
    if (last > end) {
      throw site(inode.inodeNr(), blockNr).damage("end of the last entry", "at most " + end, last);
    }
  }

  private static Site site(long inodeNr, long blockNr) {
    return new Site("ext4 extent block of inode", inodeNr, blockNr);
  }

  private static Run inLeaf(ExtentNode leaf, long fileBlockNr, long end) {
    int index = leaf.find(fileBlockNr);
    long skipped = index < 0 ? 0 : fileBlockNr - leaf.fileBlockNr(index);
    if (index < 0 || skipped >= leaf.blockCount(index)) {
      long next = index + 1 < leaf.count() ? leaf.fileBlockNr(index + 1) : end;
      return Run.hole(Math.max(next - fileBlockNr, 1));
    }
    long count = leaf.blockCount(index) - skipped;
    boolean initialised = leaf.isInitialised(index);
    int next = index + 1;
    while (next < leaf.count() && joins(leaf, next, initialised)) {
      count += leaf.blockCount(next);
      next++;
    }
    return new Run(leaf.blockNr(index) + skipped, count, initialised);
  }

  private static boolean joins(ExtentNode leaf, int index, boolean initialised) {
    int before = index - 1;
    long fileEnd = leaf.fileBlockNr(before) + leaf.blockCount(before);
    if (leaf.isInitialised(index) != initialised || leaf.fileBlockNr(index) != fileEnd) {
      return false;
    }
    return leaf.blockNr(index) == leaf.blockNr(before) + leaf.blockCount(before);
  }
}
