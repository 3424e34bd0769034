package io.lamina.ext4.format;

import java.nio.ByteBuffer;

/** A node of an extent tree that is being changed. What it holds was verified when it was read. */
final class MutableExtentNode {
  private final ByteBuffer bytes;
  private final int base;

  private MutableExtentNode(ByteBuffer bytes, int base) {
    this.bytes = bytes;
    this.base = base;
  }

  /** The root in an inode. */
  static MutableExtentNode root(ByteBuffer inode) {
    return new MutableExtentNode(inode, RawInode.BLOCK_OFFSET);
  }

  /** A node that fills a block. */
  static MutableExtentNode inBlock(ByteBuffer bytes) {
    return new MutableExtentNode(bytes, 0);
  }

  /** Makes a node of zeroed bytes. */
  static MutableExtentNode format(ByteBuffer block, int depth) {
    MutableExtentNode node = inBlock(block);
    node.start(depth, (block.limit() - ExtentNode.HEADER_BYTES) / ExtentNode.ENTRY_BYTES);
    return node;
  }

  /** Makes the root an empty leaf. */
  void startRoot(int depth) {
    start(depth, (RawInode.BLOCK_BYTES - ExtentNode.HEADER_BYTES) / ExtentNode.ENTRY_BYTES);
  }

  private void start(int depth, int max) {
    ExtentNode.MAGIC.put(bytes, base, ExtentNode.MAGIC_VALUE);
    ExtentNode.MAX.put(bytes, base, max);
    ExtentNode.DEPTH.put(bytes, base, depth);
    setCount(0);
  }

  int depth() {
    return ExtentNode.DEPTH.get(bytes, base);
  }

  boolean isLeaf() {
    return depth() == 0;
  }

  int count() {
    return ExtentNode.ENTRIES.get(bytes, base);
  }

  int room() {
    return ExtentNode.MAX.get(bytes, base) - count();
  }

  private void setCount(int count) {
    ExtentNode.ENTRIES.put(bytes, base, count);
  }

  long fileBlockNr(int index) {
    return view().fileBlockNr(index);
  }

  void setFileBlockNr(int index, long fileBlockNr) {
    ExtentNode.BLOCK.put(bytes, at(index), fileBlockNr);
  }

  long childBlockNr(int index) {
    return view().childBlockNr(index);
  }

  /** The last entry that starts at or before a block of the file; -1 where all start later. */
  int find(long fileBlockNr) {
    return view().find(fileBlockNr);
  }

  private ExtentNode view() {
    return new ExtentNode(bytes, base);
  }

  Extent extent(int index) {
    ExtentNode view = view();
    return new Extent(
        view.fileBlockNr(index),
        view.blockNr(index),
        view.blockCount(index),
        view.isInitialised(index));
  }

  void setExtent(int index, Extent extent) {
    int at = at(index);
    int length = extent.blockCount() + (extent.initialised() ? 0 : Extent.MAX_INITIALISED);
    ExtentNode.BLOCK.put(bytes, at, extent.fileBlockNr());
    ExtentNode.LEN.put(bytes, at, length);
    ExtentNode.START_HI.put(bytes, at, (int) (extent.blockNr() >>> Integer.SIZE));
    ExtentNode.START_LO.put(bytes, at, extent.blockNr());
  }

  void insertExtent(int index, Extent extent) {
    openGap(index);
    setExtent(index, extent);
  }

  void insertChild(int index, long fileBlockNr, long blockNr) {
    openGap(index);
    int at = at(index);
    bytes.put(at, new byte[ExtentNode.ENTRY_BYTES]);
    ExtentNode.BLOCK.put(bytes, at, fileBlockNr);
    ExtentNode.LEAF_LO.put(bytes, at, blockNr);
    ExtentNode.LEAF_HI.put(bytes, at, (int) (blockNr >>> Integer.SIZE));
  }

  private void openGap(int index) {
    int count = count();
    move(bytes, at(index), bytes, at(index + 1), count - index);
    setCount(count + 1);
  }

  /** Takes the entries from one up to another away. */
  void removeEntries(int from, int to) {
    move(bytes, at(to), bytes, at(from), count() - to);
    setCount(count() - (to - from));
  }

  /** Moves the entries from one on to the end of another node. */
  void moveEntries(int from, MutableExtentNode target) {
    int moved = count() - from;
    move(bytes, at(from), target.bytes, target.at(target.count()), moved);
    target.setCount(target.count() + moved);
    setCount(from);
  }

  private static void move(ByteBuffer from, int fromAt, ByteBuffer to, int toAt, int entries) {
    byte[] moved = new byte[entries * ExtentNode.ENTRY_BYTES];
    from.get(fromAt, moved);
    to.put(toAt, moved);
  }

  private int at(int index) {
    return base + ExtentNode.HEADER_BYTES + index * ExtentNode.ENTRY_BYTES;
  }
}
