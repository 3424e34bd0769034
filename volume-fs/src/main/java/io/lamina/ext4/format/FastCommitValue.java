package io.lamina.ext4.format;

import io.lamina.fs.Name;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Layout;
import java.nio.ByteBuffer;

/**
 * What a tag of a fast commit says, beside its kind.
 *
 * @see <a
 *     href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/fs/ext4/fast_commit.h">
 *     fs/ext4/fast_commit.h</a>
 */
public final class FastCommitValue {
  private static final Layout INODE = Layout.littleEndian("ext4_fc_inode");
  private static final Layout.U32 INODE_INO = INODE.u32("fc_ino", 0);
  private static final int INODE_HEAD_BYTES = INODE.size(4);

  private static final Layout ADDED = Layout.littleEndian("ext4_fc_add_range");
  private static final Layout.U32 ADDED_INO = ADDED.u32("fc_ino", 0);
  private static final Layout.U32 EE_BLOCK = ADDED.u32("fc_ex.ee_block", 4);
  private static final Layout.U16 EE_LEN = ADDED.u16("fc_ex.ee_len", 8);
  private static final Layout.U16 EE_START_HI = ADDED.u16("fc_ex.ee_start_hi", 10);
  private static final Layout.U32 EE_START_LO = ADDED.u32("fc_ex.ee_start_lo", 12);
  private static final int ADDED_BYTES = ADDED.size(16);

  private static final Layout DELETED = Layout.littleEndian("ext4_fc_del_range");
  private static final Layout.U32 DELETED_INO = DELETED.u32("fc_ino", 0);
  private static final Layout.U32 FC_LBLK = DELETED.u32("fc_lblk", 4);
  private static final Layout.U32 FC_LEN = DELETED.u32("fc_len", 8);
  private static final int DELETED_BYTES = DELETED.size(12);

  private static final Layout ENTRY = Layout.littleEndian("ext4_fc_dentry_info");
  private static final Layout.U32 PARENT_INO = ENTRY.u32("fc_parent_ino", 0);
  private static final Layout.U32 ENTRY_INO = ENTRY.u32("fc_ino", 4);
  private static final int ENTRY_HEAD_BYTES = ENTRY.size(8);

  private static final int MAX_INITIALISED = 0x8000;
  private static final int NAME_MAX_BYTES = 255;

  private final ByteBuffer bytes;
  private final Site site;

  /**
   * Takes a tag's value.
   *
   * @param kind what to call the tag in a complaint
   * @param blockNr where it lies
   */
  public FastCommitValue(ByteBuffer bytes, String kind, long blockNr) {
    this.bytes = bytes;
    this.site = new Site("ext4 fast commit tag " + kind, -1, blockNr);
  }

  /** A range of a file's blocks, and where it lies in the volume. */
  public record Range(
      long inodeNr, long fileBlockNr, long blockNr, long blockCount, boolean isInitialised) {}

  /** A name in a directory, and what it stands for. */
  public record Entry(long directoryNr, long inodeNr, Name name) {}

  /** An inode's bytes, its own room for attributes left out. */
  public record ChangedInode(long inodeNr, ByteBuffer bytes) {}

  /** Of a tag that holds an inode. */
  public ChangedInode inode(Geometry geometry) throws CorruptException {
    int most = INODE_HEAD_BYTES + geometry.inodeBytes();
    require(INODE_HEAD_BYTES + RawInode.GOOD_OLD_BYTES, most);
    ByteBuffer raw = bytes.slice(INODE_HEAD_BYTES, bytes.capacity() - INODE_HEAD_BYTES);
    return new ChangedInode(inodeNr(INODE_INO.get(bytes, 0), geometry), raw);
  }

  /** Of a tag that maps a range. */
  public Range addedRange(Geometry geometry) throws CorruptException {
    require(ADDED_BYTES, ADDED_BYTES);
    int length = EE_LEN.get(bytes, 0);
    boolean initialised = length <= MAX_INITIALISED;
    int count = initialised ? length : length - MAX_INITIALISED;
    long start = EE_START_LO.get(bytes, 0) | (long) EE_START_HI.get(bytes, 0) << Integer.SIZE;
    if (count == 0 || !geometry.holds(start, count)) {
      throw site.damage("ee_start", count + " blocks below " + geometry.blockCount(), start);
    }
    long inodeNr = inodeNr(ADDED_INO.get(bytes, 0), geometry);
    return new Range(inodeNr, EE_BLOCK.get(bytes, 0), start, count, initialised);
  }

  /** Of a tag that takes a range away. */
  public Range deletedRange(Geometry geometry) throws CorruptException {
    require(DELETED_BYTES, DELETED_BYTES);
    long inodeNr = inodeNr(DELETED_INO.get(bytes, 0), geometry);
    return new Range(inodeNr, FC_LBLK.get(bytes, 0), 0, FC_LEN.get(bytes, 0), false);
  }

  /** Of a tag about a name. */
  public Entry entry(Geometry geometry) throws CorruptException {
    require(ENTRY_HEAD_BYTES + 1, ENTRY_HEAD_BYTES + NAME_MAX_BYTES);
    int nameBytes = bytes.capacity() - ENTRY_HEAD_BYTES;
    Name name = Name.ofBytes(bytes, ENTRY_HEAD_BYTES, nameBytes);
    String text = name.latin1();
    if (text.indexOf('/') >= 0
        || text.indexOf('\0') >= 0
        || text.equals(".")
        || text.equals("..")) {
      throw site.damage("fc_dname", "a name", name.toString());
    }
    return new Entry(
        inodeNr(PARENT_INO.get(bytes, 0), geometry),
        inodeNr(ENTRY_INO.get(bytes, 0), geometry),
        name);
  }

  private void require(int least, int most) throws CorruptException {
    if (bytes.capacity() < least || bytes.capacity() > most) {
      throw site.damage("fc_len", least + " to " + most, bytes.capacity());
    }
  }

  private long inodeNr(long inodeNr, Geometry geometry) throws CorruptException {
    if (inodeNr < 1 || inodeNr > geometry.inodeCount()) {
      throw site.damage("fc_ino", "1 to " + geometry.inodeCount(), inodeNr);
    }
    return inodeNr;
  }
}
