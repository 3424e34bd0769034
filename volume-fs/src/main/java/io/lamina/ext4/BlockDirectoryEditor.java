package io.lamina.ext4;

import io.lamina.ext4.format.DirectoryBlock;
import io.lamina.ext4.format.DirectoryEntries;
import io.lamina.ext4.format.HashTreeNode;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.LeafSplit;
import io.lamina.ext4.format.NameHash;
import io.lamina.ext4.format.NameHasher;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Changes a directory that lies in blocks. One that outgrows its first block gets a hash tree,
 * where the volume has such; where it has not, blocks are put behind each other.
 */
final class BlockDirectoryEditor extends DirectoryEditor {
  private static final int DOT_BYTES = 12;

  /** A block put behind the others. */
  private record Appended(long fileBlockNr, long blockNr, ByteBuffer bytes) {}

  private final Sealer entrySealer;
  private final Sealer nodeSealer;
  private final boolean withChecksum;

  /** Where a name fits into a block of entries. */
  private record Room(long blockNr, int offset) {}

  /** The directory as it is now. */
  private BlockDirectory view;

  /** The name that was asked about last, unless the directory has changed since. */
  private byte @Nullable [] asked;

  /** Where that one fits, null where it does not. */
  private @Nullable Room room;

  BlockDirectoryEditor(Files files, WritableInode directory, Inode now) throws IOException {
    super(files, directory);
    this.view = new BlockDirectory(files.volume(), now);
    this.withChecksum = files.volume().checksums().isOn();
    int seed = directory.seed();
    this.entrySealer = block -> DirectoryEntries.seal(block, files.volume().checksums(), seed);
    this.nodeSealer = block -> HashTreeNode.seal(block, files.volume().checksums(), seed);
  }

  /** Gives a directory without a map its first block, which names itself and its parent. */
  static BlockDirectoryEditor start(
      Files files, Handle handle, WritableInode directory, long parentNr) throws IOException {
    NewMap.start(files.volume(), directory.raw());
    directory.raw().setSize(0);
    BlockDirectoryEditor editor = new BlockDirectoryEditor(files, directory, directory.unstored());
    ByteBuffer first = editor.append(handle).bytes();
    int type = editor.typeCode(FileType.DIRECTORY);
    editor.block(first).startWithDots(directory.inodeNr(), parentNr, type);
    return editor;
  }

  private DirectoryBlock block(ByteBuffer bytes) {
    return DirectoryBlock.of(
        bytes, withChecksum, volume().geometry().inodeCount(), directory().site());
  }

  @Override
  @Nullable EntryPlace find(byte[] name) throws IOException {
    if (view.hasTree()) {
      return findInTree(name);
    }
    for (long index = 0; index < view.blockCount(); index++) {
      MetadataBlock block = view.block(index);
      DirectoryBlock entries = view.entries(block);
      int at = entries.find(name);
      if (at != DirectoryBlock.NOT_FOUND) {
        return new EntryPlace(block.blockNr(), at, entries.inodeNr(at));
      }
    }
    return null;
  }

  /** Whoever does not find a name often puts it in next. */
  private @Nullable EntryPlace findInTree(byte[] name) throws IOException {
    HashTree tree = new HashTree(view);
    int hash = tree.seek(name);
    MetadataBlock leaf = tree.leaf();
    DirectoryBlock entries = view.entries(leaf);
    DirectoryBlock.Search found = entries.search(name);
    if (found.offset() != DirectoryBlock.NOT_FOUND) {
      return new EntryPlace(leaf.blockNr(), found.offset(), entries.inodeNr(found.offset()));
    }
    room = room(leaf, found.room());
    asked = name;
    return tree.nextLeafOf(hash) ? tree.find(name, hash) : null;
  }

  @Override
  int newBlocksFor(byte[] name) throws IOException {
    if (!Arrays.equals(asked, name)) {
      room = roomFor(name);
      asked = name;
    }
    if (room != null) {
      return 0;
    }
    if (view.hasTree()) {
      return newBlocksOfTree(name);
    }
    return canBeIndexed() ? 2 : 1;
  }

  private int newBlocksOfTree(byte[] name) throws IOException {
    HashTree tree = treeAt(name);
    int count = 1;
    int level = tree.levels();
    while (level > 0 && tree.node(level).isFull()) {
      level--;
      count++;
    }
    if (level > 0 || !tree.node(0).isFull()) {
      return count;
    }
    if (tree.levels() >= tree.maxLevels()) {
      throw new FsException(
          Errno.ENOSPC, "the index of directory " + directory().inodeNr() + " is full");
    }
    return count + 2; // the root's entries move down, and that node is split at once
  }

  /** The tree, followed to where a name belongs. */
  private HashTree treeAt(byte[] name) throws IOException {
    HashTree tree = new HashTree(view);
    tree.seek(name);
    return tree;
  }

  /** Where a name fits; of a directory without a tree anywhere, the last blocks first. */
  private @Nullable Room roomFor(byte[] name) throws IOException {
    if (view.hasTree()) {
      return roomIn(treeAt(name).leaf(), name);
    }
    Room found = null;
    for (long index = view.blockCount() - 1; found == null && index >= 0; index--) {
      found = roomIn(view.block(index), name);
    }
    return found;
  }

  private @Nullable Room roomIn(MetadataBlock block, byte[] name) throws IOException {
    return room(block, view.entries(block).room(name.length));
  }

  private static @Nullable Room room(MetadataBlock block, int offset) {
    return offset == DirectoryBlock.NOT_FOUND ? null : new Room(block.blockNr(), offset);
  }

  private boolean canBeIndexed() throws IOException {
    return view.blockCount() == 1
        && volume().hasDirectoryIndex()
        && NameHash.isKnown(volume().superblock().defaultHashVersion())
        && view.entries(view.block(0)).parentOffset() == DOT_BYTES;
  }

  @Override
  void insert(Handle handle, byte[] name, long inodeNr, int typeCode) throws IOException {
    forgetUnusedTree();
    Room place = Arrays.equals(asked, name) ? room : roomFor(name);
    asked = null;
    while (place == null) {
      grow(handle, name);
      view = new BlockDirectory(volume(), directory().unstored());
      place = roomFor(name);
    }
    block(handle.modify(place.blockNr(), entrySealer))
        .insert(place.offset(), name, inodeNr, typeCode);
  }

  /** A tree that the volume does not use is not kept right. */
  private void forgetUnusedTree() {
    int flags = directory().raw().flags();
    if ((flags & InodeFlags.INDEX) != 0 && !view.hasTree()) {
      directory().raw().setFlags(flags & ~InodeFlags.INDEX);
    }
  }

  /** One step towards room for a name. */
  private void grow(Handle handle, byte[] name) throws IOException {
    if (view.hasTree()) {
      growTree(handle, name);
    } else if (canBeIndexed()) {
      startTree(handle);
    } else {
      block(append(handle).bytes()).clear();
    }
  }

  private void startTree(Handle handle) throws IOException {
    int version = volume().superblock().defaultHashVersion();
    ByteBuffer root = handle.modify(view.block(0).blockNr(), nodeSealer);
    Appended leaf = append(handle);
    split(hasher(version)).moveNames(root, leaf.bytes());
    HashTreeNode.startRoot(root, version, withChecksum, leaf.fileBlockNr());
    directory().raw().setFlags(directory().raw().flags() | InodeFlags.INDEX);
  }

  private NameHasher hasher(int version) {
    return new NameHasher(
        NameHash.effectiveVersion(version, volume().superblock().hashesUnsigned()),
        volume().hashSeed());
  }

  private LeafSplit split(NameHasher hasher) {
    return new LeafSplit(
        hasher, withChecksum, volume().geometry().inodeCount(), directory().site());
  }

  private void growTree(Handle handle, byte[] name) throws IOException {
    HashTree tree = treeAt(name);
    NameHasher hasher = tree.hasher();
    int level = tree.levels();
    if (!tree.node(level).isFull()) {
      splitLeaf(handle, tree, hasher);
      return;
    }
    while (level > 0 && tree.node(level - 1).isFull()) {
      level--;
    }
    if (level == 0) {
      deepen(handle, tree);
    } else {
      splitNode(handle, tree, level);
    }
  }

  private void splitLeaf(Handle handle, HashTree tree, NameHasher hasher) throws IOException {
    ByteBuffer lower = handle.modify(tree.leaf().blockNr(), entrySealer);
    Appended upper = append(handle);
    int hash = split(hasher).split(lower, upper.bytes());
    insertChild(handle, tree, tree.levels(), hash, upper);
  }

  private void splitNode(Handle handle, HashTree tree, int level) throws IOException {
    HashTreeNode lower = node(handle, tree, level);
    Appended upper = append(handle);
    int hash = lower.splitInto(startNode(handle, upper));
    insertChild(handle, tree, level - 1, hash, upper);
  }

  private void deepen(Handle handle, HashTree tree) throws IOException {
    HashTreeNode root = node(handle, tree, 0);
    Appended child = append(handle);
    root.deepenInto(startNode(handle, child), child.fileBlockNr());
  }

  private HashTreeNode startNode(Handle handle, Appended block) throws IOException {
    block.bytes().put(0, new byte[block.bytes().limit()]);
    return HashTreeNode.startInBlock(handle.modify(block.blockNr(), nodeSealer), withChecksum);
  }

  private void insertChild(Handle handle, HashTree tree, int level, int hash, Appended child)
      throws IOException {
    node(handle, tree, level).insertAfter(tree.place(level), hash, child.fileBlockNr());
  }

  private HashTreeNode node(Handle handle, HashTree tree, int level) throws IOException {
    ByteBuffer bytes = handle.modify(tree.blockNr(level), nodeSealer);
    return level == 0 ? HashTreeNode.root(bytes) : HashTreeNode.inBlock(bytes);
  }

  /** Puts an empty block behind the others. */
  private Appended append(Handle handle) throws IOException {
    long size = directory().raw().size();
    int blockBytes = volume().geometry().blockBytes();
    long blockNr = NewMap.map(files(), handle, directory(), size / blockBytes);
    directory().raw().setSize(size + blockBytes);
    ByteBuffer bytes = handle.fresh(blockNr, entrySealer);
    if (withChecksum) {
      DirectoryEntries.startTail(bytes);
    }
    return new Appended(size / blockBytes, blockNr, bytes);
  }

  @Override
  void erase(Handle handle, EntryPlace entry) throws IOException {
    forgetUnusedTree();
    asked = null;
    block(handle.modify(entry.blockNr(), entrySealer)).remove(entry.offset());
  }

  @Override
  void overwrite(Handle handle, EntryPlace entry, long inodeNr, int typeCode) throws IOException {
    block(handle.modify(entry.blockNr(), entrySealer)).replace(entry.offset(), inodeNr, typeCode);
  }

  @Override
  long parentNr() throws IOException {
    DirectoryBlock block = firstBlock(view.block(0).bytes());
    return block.inodeNr(block.parentOffset());
  }

  @Override
  void setParent(Handle handle, long parentNr) throws IOException {
    ByteBuffer bytes =
        handle.modify(view.block(0).blockNr(), view.hasTree() ? nodeSealer : entrySealer);
    DirectoryBlock block = firstBlock(bytes);
    block.replace(block.parentOffset(), parentNr, typeCode(FileType.DIRECTORY));
  }

  /** Of an indexed directory, the parent's entry reaches to the end of the root's block. */
  private DirectoryBlock firstBlock(ByteBuffer bytes) {
    long inodeCount = volume().geometry().inodeCount();
    return view.hasTree()
        ? DirectoryBlock.of(bytes, false, inodeCount, directory().site())
        : block(bytes);
  }

  @Override
  boolean isEmpty() throws IOException {
    for (long index = 0; index < view.blockCount(); index++) {
      MetadataBlock block = view.block(index);
      if (!view.isNode(index, block.bytes()) && view.entries(block).hasNames()) {
        return false;
      }
    }
    return true;
  }
}
