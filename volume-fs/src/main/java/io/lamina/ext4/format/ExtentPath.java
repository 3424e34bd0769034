package io.lamina.ext4.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The nodes from the root of an extent tree down to the leaf that is about a block of the file. */
final class ExtentPath {
  /** In place of a block number: the node lies in the inode. */
  private static final long ROOT = -1;

  /** One node of the path, and which of its entries the path goes on with. */
  private static final class Step {
    final long blockNr;
    MutableExtentNode node;
    final int index;
    boolean isOpen;

    Step(long blockNr, MutableExtentNode node, int index) {
      this.blockNr = blockNr;
      this.node = node;
      this.index = index;
      this.isOpen = blockNr == ROOT;
    }
  }

  private final MapBlocks blocks;
  private final List<Step> steps = new ArrayList<>();

  private ExtentPath(MapBlocks blocks) {
    this.blocks = blocks;
  }

  static ExtentPath to(long fileBlockNr, ByteBuffer inode, MapBlocks blocks) throws IOException {
    ExtentPath path = new ExtentPath(blocks);
    MutableExtentNode node = MutableExtentNode.root(inode);
    long blockNr = ROOT;
    while (!node.isLeaf()) {
      int index = Math.max(0, node.find(fileBlockNr));
      path.steps.add(new Step(blockNr, node, index));
      blockNr = node.childBlockNr(index);
      node = MutableExtentNode.inBlock(blocks.read(blockNr, node.depth() - 1));
    }
    path.steps.add(new Step(blockNr, node, node.find(fileBlockNr)));
    return path;
  }

  /** How many nodes it has; the leaf is the last. */
  int length() {
    return steps.size();
  }

  MutableExtentNode node(int level) {
    return steps.get(level).node;
  }

  /** The node, to be changed. */
  MutableExtentNode open(int level) throws IOException {
    Step step = steps.get(level);
    if (!step.isOpen) {
      step.node = MutableExtentNode.inBlock(blocks.modify(step.blockNr));
      step.isOpen = true;
    }
    return step.node;
  }

  /** Which entry of a node it goes on with; of the leaf, the one before or at the block. */
  int index(int level) {
    return steps.get(level).index;
  }

  MutableExtentNode leaf() {
    return node(length() - 1);
  }

  MutableExtentNode openLeaf() throws IOException {
    return open(length() - 1);
  }

  /** The entry of the leaf at or before the block; -1 where all are behind it. */
  int leafIndex() {
    return index(length() - 1);
  }

  /** Makes the keys above say what the leaf starts with. */
  void correctKeys() throws IOException {
    correctKeys(length() - 1);
  }

  private void correctKeys(int level) throws IOException {
    long first = node(level).fileBlockNr(0);
    for (int above = level - 1; above >= 0; above--) {
      int index = index(above);
      if (node(above).fileBlockNr(index) == first) {
        return;
      }
      open(above).setFileBlockNr(index, first);
      if (index > 0) {
        return;
      }
    }
  }

  /** Gives an empty leaf back, and the nodes above that become empty by that. */
  void dropLeaf() throws IOException {
    int level = length() - 1;
    while (level > 0) {
      blocks.free(steps.get(level).blockNr);
      level--;
      MutableExtentNode parent = open(level);
      parent.removeEntries(index(level), index(level) + 1);
      if (parent.count() > 0) {
        correctKeys(level);
        return;
      }
    }
    open(0).startRoot(0);
  }
}
