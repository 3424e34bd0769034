package io.lamina.ext4;

import io.lamina.ext4.format.DirectoryBlock;
import io.lamina.ext4.format.DirectoryEntries;
import io.lamina.ext4.format.HashTreeNode;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.Site;
import io.lamina.fs.Name;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A directory that lies in blocks. The nodes of its hash tree look like blocks without entries, so
 * that it can be walked from end to end as if there were no tree.
 */
final class BlockDirectory extends Directory {
  private final BlockMap map;
  private final boolean hasTree;
  private final int blockBytes;

  BlockDirectory(Volume volume, Inode inode) throws IOException {
    super(volume, inode);
    this.map = BlockMap.of(volume, inode);
    this.hasTree = volume.hasDirectoryIndex() && inode.has(InodeFlags.INDEX);
    this.blockBytes = volume.geometry().blockBytes();
  }

  @Override
  long lookup(Name name) throws IOException {
    if (hasTree && HashTree.canSearch(this)) {
      long found = new HashTree(this).lookup(name.bytes());
      if (found != HashTree.DAMAGED) {
        return found;
      }
    }
    return super.lookup(name);
  }

  @Override
  void walk(long position, Taker taker) throws IOException {
    long blockCount = inode().size() / blockBytes + (inode().size() % blockBytes == 0 ? 0 : 1);
    long taken = 0;
    long index = position / blockBytes;
    while (index < blockCount) {
      Run run = map.at(index);
      long end = run.blockCount() > blockCount - index ? blockCount : index + run.blockCount();
      if (!run.isHole()) {
        taken += end - index;
        requireFewer(taken);
        if (!walkBlocks(index, end, position, taker)) {
          return;
        }
      }
      index = end;
    }
  }

  private boolean walkBlocks(long from, long end, long position, Taker taker) throws IOException {
    for (long index = from; index < end; index++) {
      MetadataBlock block = block(index);
      long base = index * blockBytes;
      Site site = site(block.blockNr());
      if (!walkRegion(block.bytes(), 0, blockBytes, base, position, taker, site)) {
        return false;
      }
    }
    return true;
  }

  /** One with more blocks than the volume names some of them twice, and would be endless work. */
  private void requireFewer(long taken) throws IOException {
    long most = volume().geometry().blockCount();
    if (taken > most) {
      throw inode().site().damage("blocks of the directory", "at most " + most, taken);
    }
  }

  /** A block of the directory, verified as what it is: entries, or a node of the tree. */
  MetadataBlock block(long index) throws IOException {
    Run run = map.at(index);
    if (run.isHole()) {
      throw inode().site().damage("block " + index + " of the directory", "entries", "a hole");
    }
    MetadataBlock block = volume().block(run.blockNr());
    boolean isNode = isNode(index, block.bytes());
    MetadataBlock.Kind kind = isNode ? MetadataBlock.Kind.HASH_TREE : MetadataBlock.Kind.DIRECTORY;
    if (!block.isVerified(kind, inode().inodeNr())) {
      Site site = site(block.blockNr());
      if (isNode) {
        HashTreeNode.verify(block.bytes(), volume().checksums(), inode().seed(), site);
      } else {
        DirectoryEntries.verify(block.bytes(), volume().checksums(), inode().seed(), site);
      }
      block.setVerified(kind, inode().inodeNr());
    }
    return block;
  }

  /** Whether a block holds a node of the hash tree. */
  boolean isNode(long index, ByteBuffer bytes) {
    return hasTree && (index == 0 || DirectoryEntries.isIndexBlock(bytes));
  }

  /** The entries of a block that is no node. */
  DirectoryBlock entries(MetadataBlock block) {
    return DirectoryBlock.of(
        block.bytes(),
        volume().checksums().isOn(),
        volume().geometry().inodeCount(),
        site(block.blockNr()));
  }

  /** Whether it is searched by the hashes of its names. */
  boolean hasTree() {
    return hasTree;
  }

  /** Where a block of it lies, for complaints. */
  Site site(long blockNr) {
    return new Site("ext4 directory block of inode", inode().inodeNr(), blockNr);
  }

  /** How many blocks it has. */
  long blockCount() {
    return inode().size() / blockBytes;
  }
}
