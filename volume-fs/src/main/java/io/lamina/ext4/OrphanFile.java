package io.lamina.ext4;

import io.lamina.ext4.format.Checksums;
import io.lamina.ext4.format.OrphanBlock;
import io.lamina.ext4.format.Site;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The file that orphans are noted in: blocks of inode numbers. Whoever calls takes care that one
 * thread does so at a time.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/orphan.html">Orphan
 *     file</a>
 */
final class OrphanFile {
  private final Checksums checksums;
  private final int seed;
  private final int slotsPerBlock;
  private final long[] blockNrs;

  /** The places that are taken, counted through all blocks. */
  private final BitSet taken = new BitSet();

  private final Map<Long, Integer> slots = new HashMap<>();

  private OrphanFile(Volume volume, int seed, long[] blockNrs) {
    this.checksums = volume.checksums();
    this.seed = seed;
    this.slotsPerBlock = OrphanBlock.slotCount(volume.geometry().blockBytes());
    this.blockNrs = blockNrs;
  }

  /**
   * Reads the orphan file.
   *
   * @throws io.lamina.ondisk.CorruptException when a block of it is damaged
   */
  static OrphanFile open(Files files) throws IOException {
    Volume volume = files.volume();
    Inode inode = files.inodes().inode(volume.superblock().orphanFileInodeNr());
    int blockBytes = volume.geometry().blockBytes();
    long[] blockNrs = new long[Math.toIntExact(inode.size() / blockBytes)];
    BlockMap map = BlockMap.of(volume, inode);
    for (int i = 0; i < blockNrs.length; i++) {
      Run run = map.at(i);
      if (run.isHole()) {
        throw inode.site().damage("block " + i + " of the orphan file", "a block", "a hole");
      }
      blockNrs[i] = run.blockNr();
    }
    OrphanFile file = new OrphanFile(volume, inode.seed(), blockNrs);
    for (int i = 0; i < blockNrs.length; i++) {
      file.read(volume, i);
    }
    return file;
  }

  private void read(Volume volume, int index) throws IOException {
    long blockNr = blockNrs[index];
    ByteBuffer block = volume.block(blockNr).bytes();
    OrphanBlock.verify(block, checksums, seed, new Site("ext4 orphan file block", -1, blockNr));
    for (int i = 0; i < slotsPerBlock; i++) {
      long inodeNr = OrphanBlock.inodeNr(block, i);
      if (inodeNr != 0) {
        taken.set(index * slotsPerBlock + i);
        slots.put(inodeNr, index * slotsPerBlock + i);
      }
    }
  }

  /** The inodes that are noted. */
  List<Long> inodeNrs() {
    return new ArrayList<>(slots.keySet());
  }

  boolean isEmpty() {
    return slots.isEmpty();
  }

  /** Notes an inode; false when there is no room. */
  boolean add(Handle handle, long inodeNr) throws IOException {
    if (slots.containsKey(inodeNr)) {
      return true;
    }
    int slot = taken.nextClearBit(0);
    if (slot >= blockNrs.length * slotsPerBlock) {
      return false;
    }
    put(handle, slot, inodeNr);
    taken.set(slot);
    slots.put(inodeNr, slot);
    return true;
  }

  /** Strikes an inode out, if it is noted. */
  void remove(Handle handle, long inodeNr) throws IOException {
    Integer slot = slots.remove(inodeNr);
    if (slot != null) {
      put(handle, slot, 0);
      taken.clear(slot);
    }
  }

  private void put(Handle handle, int slot, long inodeNr) throws IOException {
    long blockNr = blockNrs[slot / slotsPerBlock];
    ByteBuffer block =
        handle.modify(blockNr, image -> OrphanBlock.seal(image, checksums, seed, blockNr));
    OrphanBlock.put(block, slot % slotsPerBlock, inodeNr);
  }
}
