package io.lamina.ext4;

import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.Site;
import io.lamina.ext4.format.Superblock;
import io.lamina.ext4.journal.LogMap;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The journal of a volume as a file: where its blocks lie. */
final class JournalFile implements LogMap {
  private static final Logger log = LoggerFactory.getLogger(JournalFile.class);
  private static final int REGULAR_FILE = 0x8000;
  private static final int SIZE_HIGH_OFFSET = 60;
  private static final int EXTENTS_MAGIC = 0xf30a;

  private final long blockCount;
  private final BlockMap map;

  private JournalFile(Volume volume, Inode inode) throws IOException {
    blockCount = inode.size() / volume.geometry().blockBytes();
    map = BlockMap.of(volume, inode);
  }

  /**
   * Finds a volume's journal.
   *
   * @throws UnsupportedException when it lies on another device
   */
  static JournalFile of(Files files) throws IOException {
    Superblock superblock = files.volume().superblock();
    long inodeNr = superblock.journalInodeNr();
    if (inodeNr == 0) {
      throw new UnsupportedException(
          String.format(
              "ext4 superblock: needs recovery from an external journal (device 0x%x)",
              superblock.journalDevice()));
    }
    try {
      return new JournalFile(files.volume(), files.inodes().inode(inodeNr));
    } catch (CorruptException e) {
      if (!superblock.hasJournalBackup()) {
        throw e;
      }
      log.warn("the journal is found by its copy in the superblock: {}", e.getMessage());
      return new JournalFile(files.volume(), backup(files.volume(), inodeNr));
    }
  }

  /** An inode made from the copy of the block map and the size that the superblock keeps. */
  private static Inode backup(Volume volume, long inodeNr) throws CorruptException {
    ByteBuffer copy =
        ByteBuffer.wrap(volume.superblock().journalBackup()).order(ByteOrder.LITTLE_ENDIAN);
    boolean hasExtents = (copy.getShort(0) & 0xffff) == EXTENTS_MAGIC;
    RawInode raw =
        RawInode.ofMap(
            REGULAR_FILE,
            hasExtents,
            copy.slice(0, RawInode.BLOCK_BYTES),
            copy.getInt(SIZE_HIGH_OFFSET),
            copy.getInt(SIZE_HIGH_OFFSET + Integer.BYTES));
    return Inode.unverified(volume, raw, new Site("ext4 journal inode's copy", inodeNr, 0));
  }

  @Override
  public long blockCount() {
    return blockCount;
  }

  @Override
  public long blockNr(long logBlock) throws IOException {
    Run run = map.at(logBlock);
    return run.isHole() ? 0 : run.blockNr();
  }
}
