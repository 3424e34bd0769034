package io.lamina.ext4.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes the tree of extents of one file. Each call leaves a sound tree, also when it fails for
 * want of a block. Used by one thread at a time.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/ifork.html">The contents of
 *     inode.i_block</a>
 */
public final class ExtentTreeEditor {
  private final ByteBuffer inode;
  private final MapBlocks blocks;

  /**
   * An editor.
   *
   * @param inode the inode's bytes, to be changed; its root was verified
   */
  public ExtentTreeEditor(ByteBuffer inode, MapBlocks blocks) {
    this.inode = inode;
    this.blocks = blocks;
  }

  /** Gives an inode an empty tree. */
  public static void start(ByteBuffer inode) {
    inode.put(RawInode.BLOCK_OFFSET, new byte[RawInode.BLOCK_BYTES]);
    MutableExtentNode.root(inode).startRoot(0);
  }

  /**
   * Maps blocks of the file that were not mapped.
   *
   * @param extent not longer than its kind may be
   */
  public void insert(Extent extent) throws IOException {
    ExtentPath path = path(extent.fileBlockNr());
    MutableExtentNode leaf = path.leaf();
    int before = path.leafIndex();
    requireUnmapped(leaf, before, extent);
    boolean joinsLeft = before >= 0 && leaf.extent(before).joins(extent);
    boolean joinsRight = before + 1 < leaf.count() && extent.joins(leaf.extent(before + 1));
    if (!joinsLeft && !joinsRight) {
      ExtentPath roomy = pathWithRoom(extent.fileBlockNr(), 1);
      roomy.openLeaf().insertExtent(roomy.leafIndex() + 1, extent);
      roomy.correctKeys();
      return;
    }
    leaf = path.openLeaf();
    if (joinsLeft) {
      leaf.setExtent(before, leaf.extent(before).joined(extent));
      joinWithNext(leaf, before);
    } else {
      leaf.setExtent(before + 1, extent.joined(leaf.extent(before + 1)));
      path.correctKeys();
    }
  }

  private static void requireUnmapped(MutableExtentNode leaf, int before, Extent extent) {
    boolean overlapsLeft = before >= 0 && leaf.extent(before).end() > extent.fileBlockNr();
    boolean overlapsRight =
        before + 1 < leaf.count() && leaf.fileBlockNr(before + 1) < extent.end();
    if (overlapsLeft || overlapsRight || extent.blockCount() < 1) {
      throw new IllegalStateException(extent + " is mapped in part");
    }
  }

  private static boolean joinWithNext(MutableExtentNode leaf, int index) {
    if (index < 0 || index + 1 >= leaf.count()) {
      return false;
    }
    Extent extent = leaf.extent(index);
    Extent next = leaf.extent(index + 1);
    if (!extent.joins(next)) {
      return false;
    }
    leaf.setExtent(index, extent.joined(next));
    leaf.removeEntries(index + 1, index + 2);
    return true;
  }

  /**
   * Takes the mapping of blocks of a file away, a part of them at a time, the last ones first.
   *
   * @param from the first block of the file
   * @param to the one behind the last
   * @param maxExtents how many extents to take away at the most
   * @return what is not mapped any more; none when nothing of the range is mapped
   */
  public List<Extent> remove(long from, long to, int maxExtents) throws IOException {
    List<Extent> removed = new ArrayList<>();
    ExtentPath path = path(to - 1);
    int last = path.leafIndex();
    if (last < 0 || path.leaf().extent(last).end() <= from) {
      return removed;
    }
    Extent extent = path.leaf().extent(last);
    if (extent.fileBlockNr() < from && extent.end() > to) {
      removed.add(cutMiddle(extent, from, to));
      return removed;
    }
    MutableExtentNode leaf = path.openLeaf();
    if (extent.end() > to) {
      removed.add(extent.part(extent.fileBlockNr(), to));
      leaf.setExtent(last, extent.part(to, extent.end()));
      last--;
    }
    removeWhole(leaf, last, from, maxExtents, removed);
    if (leaf.count() == 0) {
      path.dropLeaf();
    } else {
      path.correctKeys();
    }
    pullUp();
    return removed;
  }

  private Extent cutMiddle(Extent extent, long from, long to) throws IOException {
    ExtentPath path = pathWithRoom(from, 1);
    MutableExtentNode leaf = path.openLeaf();
    int index = path.leafIndex();
    leaf.setExtent(index, extent.part(extent.fileBlockNr(), from));
    leaf.insertExtent(index + 1, extent.part(to, extent.end()));
    return extent.part(from, to);
  }

  /** Takes extents away that end within the range, backwards from one of them. */
  private static void removeWhole(
      MutableExtentNode leaf, int last, long from, int maxExtents, List<Extent> removed) {
    int index = last;
    while (index >= 0 && leaf.fileBlockNr(index) >= from && removed.size() < maxExtents) {
      removed.add(leaf.extent(index));
      index--;
    }
    leaf.removeEntries(index + 1, last + 1);
    if (index >= 0 && removed.size() < maxExtents && leaf.extent(index).end() > from) {
      Extent extent = leaf.extent(index);
      removed.add(extent.part(from, extent.end()));
      leaf.setExtent(index, extent.part(extent.fileBlockNr(), from));
    }
  }

  /** Where all that the root has is one small node, its entries go into the root. */
  private void pullUp() throws IOException {
    MutableExtentNode root = MutableExtentNode.root(inode);
    while (!root.isLeaf() && root.count() == 1) {
      long blockNr = root.childBlockNr(0);
      int depth = root.depth() - 1;
      MutableExtentNode child = MutableExtentNode.inBlock(blocks.read(blockNr, depth));
      if (child.count() > root.count() + root.room()) {
        return;
      }
      child = MutableExtentNode.inBlock(blocks.modify(blockNr));
      root.startRoot(depth);
      child.moveEntries(0, root);
      blocks.free(blockNr);
    }
  }

  /**
   * Makes blocks of the file initialised that are mapped, and not initialised: those of them that
   * lie in the first one's extent.
   *
   * @param from the first block of the file
   * @param most the one behind the last
   * @return the block behind those that have been made so
   */
  public long setInitialised(long from, long most) throws IOException {
    ExtentPath path = path(from);
    Extent whole = path.leaf().extent(path.leafIndex());
    long to = Math.min(most, whole.end());
    boolean hasHead = whole.fileBlockNr() < from;
    boolean hasTail = to < whole.end();
    path = pathWithRoom(from, (hasHead ? 1 : 0) + (hasTail ? 1 : 0));
    MutableExtentNode leaf = path.openLeaf();
    int index = path.leafIndex();
    leaf.setExtent(index, whole.part(from, to).written());
    if (hasTail) {
      leaf.insertExtent(index + 1, whole.part(to, whole.end()));
    }
    if (hasHead) {
      leaf.insertExtent(index, whole.part(whole.fileBlockNr(), from));
      index++;
    }
    joinWithNext(leaf, index);
    joinWithNext(leaf, index - 1);
    return to;
  }

  private ExtentPath path(long fileBlockNr) throws IOException {
    return ExtentPath.to(fileBlockNr, inode, blocks);
  }

  /** The path to a block, whose leaf has room for so many more entries. */
  private ExtentPath pathWithRoom(long fileBlockNr, int entries) throws IOException {
    while (true) {
      ExtentPath path = path(fileBlockNr);
      int level = path.length() - 1;
      if (path.leaf().room() >= entries) {
        return path;
      }
      while (level > 0 && path.node(level - 1).room() == 0) {
        level--;
      }
      if (level == 0) {
        grow();
      } else {
        split(path, level);
      }
    }
  }

  /** Moves the root's entries into a block: the tree becomes deeper by one. */
  private void grow() throws IOException {
    long blockNr = blocks.allocate();
    MutableExtentNode root = MutableExtentNode.root(inode);
    int depth = root.depth();
    MutableExtentNode child = MutableExtentNode.format(blocks.fresh(blockNr), depth);
    root.moveEntries(0, child);
    root.startRoot(depth + 1);
    root.insertChild(0, child.fileBlockNr(0), blockNr);
  }

  /**
   * Moves a part of a node's entries into a new node behind it. Of a node that grows at its end
   * only the last one goes: files are mostly written forwards, and full nodes stay full.
   */
  private void split(ExtentPath path, int level) throws IOException {
    long blockNr = blocks.allocate();
    MutableExtentNode node = path.open(level);
    boolean growsAtEnd = path.index(level) == node.count() - 1;
    int from = growsAtEnd ? node.count() - 1 : node.count() / 2;
    MutableExtentNode next = MutableExtentNode.format(blocks.fresh(blockNr), node.depth());
    node.moveEntries(from, next);
    path.open(level - 1).insertChild(path.index(level - 1) + 1, next.fileBlockNr(0), blockNr);
  }
}
