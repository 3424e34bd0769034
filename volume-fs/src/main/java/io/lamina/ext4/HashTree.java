package io.lamina.ext4;

import io.lamina.ext4.format.DirectoryBlock;
import io.lamina.ext4.format.DirectoryEntries;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.HashTreeNode;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.NameHash;
import io.lamina.ext4.format.NameHasher;
import io.lamina.ext4.format.Site;
import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tree by which an indexed directory finds names by their hashes, and the way down it that was
 * taken last. Used by one thread; it shows the directory as it was when the tree was made.
 */
final class HashTree {
  /** What a lookup gives when the tree is of no use. */
  static final long DAMAGED = -1;

  private static final Logger log = LoggerFactory.getLogger(HashTree.class);
  private static final int LEVELS = 1;
  private static final int LARGE_LEVELS = 2;

  private final BlockDirectory directory;
  private final Volume volume;
  private final HashTreeNode[] nodes = new HashTreeNode[LARGE_LEVELS + 1];
  private final MetadataBlock[] blocks = new MetadataBlock[LARGE_LEVELS + 1];
  private final int[] places = new int[LARGE_LEVELS + 1];
  private int levels;
  private long leavesLeft;

  HashTree(BlockDirectory directory) {
    this.directory = directory;
    this.volume = directory.volume();
  }

  /** Whether the hash of a name can be known: not of one that is casefolded or encrypted. */
  static boolean canSearch(Directory directory) {
    return !directory.inode().has(InodeFlags.CASEFOLD)
        && !directory.inode().has(InodeFlags.ENCRYPT);
  }

  /**
   * The inode that a name stands for. A tree that makes no sense is left aside, with one line in
   * the log: the entries can be found without it. A block whose checksum is wrong is an error, as
   * elsewhere.
   *
   * @return {@link Directory#NOT_FOUND} where there is no such name, {@link #DAMAGED} where the
   *     tree cannot tell
   */
  long lookup(byte[] name) throws IOException {
    try {
      EntryPlace found = find(name);
      return found == null ? Directory.NOT_FOUND : found.inodeNr();
    } catch (CorruptException e) {
      if (e.damage().field().equals("checksum")) {
        throw e;
      }
      warn(e);
      return DAMAGED;
    }
  }

  private void warn(CorruptException damage) {
    if (volume.caches().isNews(new Caches.Key(volume, directory.inode().inodeNr()))) {
      log.warn("the hash tree is not used: {}", damage.getMessage());
    }
  }

  /** Where the entry of a name lies, null where there is none. */
  @Nullable EntryPlace find(byte[] name) throws IOException {
    return find(name, seek(name));
  }

  /** As {@link #find(byte[])}, from the block on where entries of the name's hash start. */
  @Nullable EntryPlace find(byte[] name, int hash) throws IOException {
    do {
      MetadataBlock leaf = leaf();
      DirectoryBlock entries = directory.entries(leaf);
      int at = entries.find(name);
      if (at != DirectoryBlock.NOT_FOUND) {
        return new EntryPlace(leaf.blockNr(), at, entries.inodeNr(at));
      }
    } while (nextLeafOf(hash));
    return null;
  }

  /** What the directory's names are hashed with, as the root of the tree says. */
  NameHasher hasher() throws IOException {
    MetadataBlock first = directory.block(0);
    int version = HashTreeNode.root(first.bytes()).hashVersion();
    if (!NameHash.isKnown(version)) {
      throw directory.site(first.blockNr()).damage("hash_version", "0 to 5", version);
    }
    int effective = NameHash.effectiveVersion(version, volume.superblock().hashesUnsigned());
    return new NameHasher(effective, volume.hashSeed());
  }

  /**
   * Goes down to the block where entries of a name's hash start.
   *
   * @return the hash
   */
  int seek(byte[] name) throws IOException {
    int hash = hasher().of(name).major();
    seek(hash);
    return hash;
  }

  /** Goes down to the block where entries of a hash start. */
  void seek(int hash) throws IOException {
    MetadataBlock first = directory.block(0);
    HashTreeNode root = HashTreeNode.root(first.bytes());
    Site site = directory.site(first.blockNr());
    root.checkRoot(maxLevels(), site);
    root.check(volume.checksums().isOn(), site);
    levels = root.levels();
    leavesLeft = Math.min(directory.blockCount(), volume.geometry().blockCount());
    nodes[0] = root;
    blocks[0] = first;
    places[0] = root.find(hash);
    for (int level = 1; level <= levels; level++) {
      enter(level);
      places[level] = nodes[level].find(hash);
    }
  }

  /** How many levels there can be below the root. */
  int maxLevels() {
    return volume.superblock().has(Feature.LARGE_DIR) ? LARGE_LEVELS : LEVELS;
  }

  /** Enters the node that the level above is at. */
  private void enter(int level) throws IOException {
    long index = nodes[level - 1].fileBlockNr(places[level - 1]);
    MetadataBlock block = block(index);
    Site site = directory.site(block.blockNr());
    if (index == 0 || !directory.isNode(index, block.bytes())) {
      throw site.damage("htree node", "an inner node", "block " + index + " of the directory");
    }
    HashTreeNode node = HashTreeNode.inBlock(block.bytes());
    node.check(volume.checksums().isOn(), site);
    nodes[level] = node;
    blocks[level] = block;
  }

  private MetadataBlock block(long index) throws IOException {
    if (index >= directory.blockCount()) {
      throw directory
          .inode()
          .site()
          .damage("block of the hash tree", "below " + directory.blockCount(), index);
    }
    return directory.block(index);
  }

  /** Levels between the root and the blocks of entries. */
  int levels() {
    return levels;
  }

  /** A node of the way down; 0 is the root's level. */
  HashTreeNode node(int level) {
    return nodes[level];
  }

  /** The volume's block that holds it. */
  long blockNr(int level) {
    return blocks[level].blockNr();
  }

  /** Which child of it the way goes on with. */
  int place(int level) {
    return places[level];
  }

  /** The block of entries at the end of the way. */
  MetadataBlock leaf() throws IOException {
    return block(nodes[levels].fileBlockNr(places[levels]));
  }

  /** The entries of that block. */
  DirectoryEntries leafEntries() throws IOException {
    return directory.entries(leaf()).entries();
  }

  /** Goes on to the next block, if entries of the same hash may lie there. */
  boolean nextLeafOf(int hash) throws IOException {
    int level = levelWithNext();
    return level >= 0 && (nextHash(level) & ~1) == hash && step(level);
  }

  /**
   * Goes on to the next block.
   *
   * @return whether there is one
   */
  boolean nextLeaf() throws IOException {
    int level = levelWithNext();
    return level >= 0 && step(level);
  }

  /** Whether the next block goes on with the hash that this one ends with. */
  boolean goesOn() {
    int level = levelWithNext();
    return level >= 0 && (nextHash(level) & 1) != 0;
  }

  /** Whether there is a next block. */
  boolean hasNextLeaf() {
    return levelWithNext() >= 0;
  }

  /** The lowest hash of the next block, which there is. */
  int nextLeafHash() {
    return nextHash(levelWithNext());
  }

  private int levelWithNext() {
    int level = levels;
    while (level >= 0 && places[level] + 1 >= nodes[level].count()) {
      level--;
    }
    return level;
  }

  private int nextHash(int level) {
    return nodes[level].hash(places[level] + 1);
  }

  private boolean step(int level) throws IOException {
    if (--leavesLeft <= 0) {
      throw directory.inode().site().damage("blocks of entries", "an end", "none");
    }
    places[level]++;
    for (int below = level + 1; below <= levels; below++) {
      enter(below);
      places[below] = 0;
    }
    return true;
  }
}
