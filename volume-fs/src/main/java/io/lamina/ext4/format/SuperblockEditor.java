package io.lamina.ext4.format;

import io.lamina.ondisk.Crc32c;
import java.nio.ByteBuffer;

/**
 * Changes fields of a superblock that lies in a block. Whoever is done calls {@link #seal}.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/super.html">The super
 *     block</a>
 */
public final class SuperblockEditor {
  private final ByteBuffer bytes;
  private final int base;

  /** An editor of the superblock that starts at {@code base}. */
  public SuperblockEditor(ByteBuffer bytes, int base) {
    this.bytes = bytes;
    this.base = base;
  }

  /** Announces a feature, or no longer. The first revision has none, and becomes the second. */
  public void set(Feature feature, boolean on) {
    if (on && Superblock.REV_LEVEL.get(bytes, base) == Superblock.GOOD_OLD_REVISION) {
      Superblock.REV_LEVEL.put(bytes, base, Superblock.DYNAMIC_REVISION);
      Superblock.FIRST_INO.put(bytes, base, Superblock.GOOD_OLD_FIRST_INODE);
      Superblock.INODE_SIZE.put(bytes, base, RawInode.GOOD_OLD_BYTES);
    }
    var word =
        switch (feature.kind()) {
          case COMPATIBLE -> Superblock.FEATURE_COMPAT;
          case INCOMPATIBLE -> Superblock.FEATURE_INCOMPAT;
          case READ_ONLY_COMPATIBLE -> Superblock.FEATURE_RO_COMPAT;
        };
    int others = word.bits(bytes, base) & ~feature.bit();
    word.put(bytes, base, on ? others | feature.bit() : others);
  }

  /** What s_state says. */
  public int state() {
    return Superblock.STATE.get(bytes, base);
  }

  /** Sets s_state. */
  public void setState(int state) {
    Superblock.STATE.put(bytes, base, state);
  }

  /** Counts one more mount, at a time in seconds. */
  public void countMount(long seconds) {
    Superblock.MNT_COUNT.put(bytes, base, Superblock.MNT_COUNT.get(bytes, base) + 1);
    Superblock.MTIME.put(bytes, base, seconds);
  }

  /** When it was written, in seconds. */
  public void setWriteTime(long seconds) {
    Superblock.WTIME.put(bytes, base, seconds);
  }

  /** Free blocks and inodes of the whole volume. */
  public void setFree(long blockCount, long inodeCount, boolean wide) {
    Superblock.FREE_BLOCKS_COUNT_LO.put(bytes, base, blockCount);
    if (wide) {
      Superblock.FREE_BLOCKS_COUNT_HI.put(bytes, base, blockCount >>> Integer.SIZE);
    }
    Superblock.FREE_INODES_COUNT.put(bytes, base, inodeCount);
  }

  /** The first inode of the list of orphans, 0 where it is empty. */
  public long lastOrphanInodeNr() {
    return Superblock.LAST_ORPHAN.get(bytes, base);
  }

  /** Sets the first inode of the list of orphans. */
  public void setLastOrphanInodeNr(long inodeNr) {
    Superblock.LAST_ORPHAN.put(bytes, base, inodeNr);
  }

  /**
   * Records an error as the last one, and as the first where there was none since the last check.
   *
   * @param inodeNr the inode that it was found at, 0 for none
   * @param blockNr the block that it was found at, 0 for none
   * @param place who found it, ASCII
   * @param errorCode the kernel's own numbering, see {@code EXT4_ERR_*}
   */
  public void recordError(long seconds, long inodeNr, long blockNr, byte[] place, int errorCode) {
    long before = Superblock.ERROR_COUNT.get(bytes, base);
    setState(state() | Superblock.STATE_ERROR);
    Superblock.ERROR_COUNT.put(bytes, base, before + 1);
    Superblock.LAST_ERROR_TIME.put(bytes, base, seconds);
    Superblock.LAST_ERROR_INO.put(bytes, base, inodeNr);
    Superblock.LAST_ERROR_BLOCK.put(bytes, base, blockNr);
    Superblock.LAST_ERROR_FUNC.put(bytes, base, place);
    Superblock.LAST_ERROR_LINE.put(bytes, base, 0);
    Superblock.LAST_ERROR_ERRCODE.put(bytes, base, errorCode);
    if (before == 0 || Superblock.FIRST_ERROR_TIME.get(bytes, base) == 0) {
      Superblock.FIRST_ERROR_TIME.put(bytes, base, seconds);
      Superblock.FIRST_ERROR_INO.put(bytes, base, inodeNr);
      Superblock.FIRST_ERROR_BLOCK.put(bytes, base, blockNr);
      Superblock.FIRST_ERROR_FUNC.put(bytes, base, place);
      Superblock.FIRST_ERROR_LINE.put(bytes, base, 0);
      Superblock.FIRST_ERROR_ERRCODE.put(bytes, base, errorCode);
    }
  }

  /**
   * Takes over what another state of the same superblock knows about errors.
   *
   * @param isFaulty whether there is an error that it does not know of
   */
  public void keepErrors(ByteBuffer before, boolean isFaulty) {
    int from = Superblock.ERROR_FIELDS_OFFSET;
    bytes.put(base + from, before, from, Superblock.ERROR_FIELDS_END - from);
    int error = Superblock.STATE.get(before, 0) & Superblock.STATE_ERROR;
    setState(state() | error | (isFaulty ? Superblock.STATE_ERROR : 0));
  }

  /** Puts the checksum in, where the volume has them. */
  public void seal() {
    int readOnly = Superblock.FEATURE_RO_COMPAT.bits(bytes, base);
    if ((readOnly & Feature.METADATA_CSUM.bit()) != 0) {
      int end = base + Superblock.BYTES - Integer.BYTES;
      Superblock.CHECKSUM.put(bytes, base, Crc32c.of(Crc32c.ALL_ONES, bytes, base, end));
    }
  }
}
