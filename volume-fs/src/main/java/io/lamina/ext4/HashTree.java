package io.lamina.ext4;

import io.lamina.ext4.format.DirectoryEntries;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.HashTreeNode;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.NameHash;
import io.lamina.ext4.format.Site;
import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks names up by their hash. A tree that makes no sense is left aside, with a line in the log:
 * the entries can be found without it. A block whose checksum is wrong is an error, as elsewhere.
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
  private final int[] places = new int[LARGE_LEVELS + 1];
  private int levels;

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
   * The inode that a name stands for.
   *
   * @return {@link Directory#NOT_FOUND} where there is no such name, {@link #DAMAGED} where the
   *     tree cannot tell
   */
  long lookup(byte[] name) throws IOException {
    MetadataBlock first = directory.block(0);
    try {
      HashTreeNode root = HashTreeNode.root(first.bytes());
      int version = root.hashVersion();
      if (!NameHash.isKnown(version)) {
        throw directory.site(first.blockNr()).damage("hash_version", "0 to 5", version);
      }
      int effective = NameHash.effectiveVersion(version, volume.superblock().hashesUnsigned());
      int hash = NameHash.of(name, effective, volume.hashSeed()).major();
      descend(root, first.blockNr(), hash);
      return search(name, hash);
    } catch (CorruptException e) {
      if (e.damage().field().equals("checksum")) {
        throw e;
      }
      log.warn("the hash tree is not used: {}", e.getMessage());
      return DAMAGED;
    }
  }

  private void descend(HashTreeNode root, long rootBlockNr, int hash) throws IOException {
    boolean withChecksum = volume.checksums().isOn();
    root.checkRoot(
        volume.superblock().has(Feature.LARGE_DIR) ? LARGE_LEVELS : LEVELS,
        directory.site(rootBlockNr));
    root.check(withChecksum, directory.site(rootBlockNr));
    levels = root.levels();
    nodes[0] = root;
    places[0] = root.find(hash);
    for (int level = 1; level <= levels; level++) {
      places[level] = enter(level, nodes[level - 1].fileBlockNr(places[level - 1])).find(hash);
    }
  }

  private HashTreeNode enter(int level, long index) throws IOException {
    MetadataBlock block = block(index);
    Site site = directory.site(block.blockNr());
    if (index == 0 || !directory.isNode(index, block.bytes())) {
      throw site.damage("htree node", "an inner node", "block " + index + " of the directory");
    }
    HashTreeNode node = HashTreeNode.inBlock(block.bytes());
    node.check(volume.checksums().isOn(), site);
    nodes[level] = node;
    return node;
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

  /** Searches the block for a hash, and the next ones for as long as they go on with it. */
  private long search(byte[] name, int hash) throws IOException {
    long left = Math.min(directory.blockCount(), volume.geometry().blockCount());
    do {
      if (left-- == 0) {
        throw directory.inode().site().damage("blocks of one hash", "an end", "none");
      }
      MetadataBlock block = block(nodes[levels].fileBlockNr(places[levels]));
      Site site = directory.site(block.blockNr());
      DirectoryEntries entries =
          new DirectoryEntries(
              block.bytes(), 0, block.bytes().limit(), volume.geometry().inodeCount(), false, site);
      while (entries.next()) {
        if (entries.isNamed(name) && entries.inodeNr() != 0 && !entries.isDot()) {
          return entries.inodeNr();
        }
      }
    } while (step(hash));
    return Directory.NOT_FOUND;
  }

  /** Goes on to the next block, if entries of the same hash may lie there. */
  private boolean step(int hash) throws IOException {
    int level = levels;
    while (places[level] + 1 >= nodes[level].count()) {
      if (level == 0) {
        return false;
      }
      level--;
    }
    places[level]++;
    if ((nodes[level].hash(places[level]) & ~1) != hash) {
      return false;
    }
    for (int below = level + 1; below <= levels; below++) {
      enter(below, nodes[below - 1].fileBlockNr(places[below - 1]));
      places[below] = 0;
    }
    return true;
  }
}
