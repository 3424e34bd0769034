package io.lamina.ext4.format;

import io.lamina.fs.Owner;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Crc32c;
import io.lamina.ondisk.Layout;
import io.lamina.ondisk.UnsupportedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The superblock: its fields as they lie on disk, found sound as far as it can tell by itself. What
 * follows from them is in {@link Geometry}.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/super.html">The super
 *     block</a>
 */
public final class Superblock {
  private static final Layout LAYOUT = Layout.littleEndian("ext4 superblock");
  private static final Layout.U32 INODES_COUNT = LAYOUT.u32("s_inodes_count", 0x0);
  private static final Layout.U32 BLOCKS_COUNT_LO = LAYOUT.u32("s_blocks_count_lo", 0x4);
  private static final Layout.U32 R_BLOCKS_COUNT_LO = LAYOUT.u32("s_r_blocks_count_lo", 0x8);

  static final Layout.U32 FREE_BLOCKS_COUNT_LO = LAYOUT.u32("s_free_blocks_count_lo", 0xc);
  static final Layout.U32 FREE_INODES_COUNT = LAYOUT.u32("s_free_inodes_count", 0x10);
  private static final Layout.U32 FIRST_DATA_BLOCK = LAYOUT.u32("s_first_data_block", 0x14);
  private static final Layout.U32 LOG_BLOCK_SIZE = LAYOUT.u32("s_log_block_size", 0x18);
  private static final Layout.U32 LOG_CLUSTER_SIZE = LAYOUT.u32("s_log_cluster_size", 0x1c);
  private static final Layout.U32 BLOCKS_PER_GROUP = LAYOUT.u32("s_blocks_per_group", 0x20);
  private static final Layout.U32 CLUSTERS_PER_GROUP = LAYOUT.u32("s_clusters_per_group", 0x24);
  private static final Layout.U32 INODES_PER_GROUP = LAYOUT.u32("s_inodes_per_group", 0x28);

  static final Layout.U32 MTIME = LAYOUT.u32("s_mtime", 0x2c);
  static final Layout.U32 WTIME = LAYOUT.u32("s_wtime", 0x30);
  static final Layout.U16 MNT_COUNT = LAYOUT.u16("s_mnt_count", 0x34);

  static {
    LAYOUT.unused("s_max_mnt_count", 0x36, 2);
  }

  private static final Layout.U16 MAGIC = LAYOUT.u16("s_magic", 0x38);

  static final Layout.U16 STATE = LAYOUT.u16("s_state", 0x3a);

  static {
    LAYOUT.unused("s_errors, s_minor_rev_level", 0x3c, 4);
    LAYOUT.unused("s_lastcheck, s_checkinterval, s_creator_os", 0x40, 12);
  }

  static final Layout.U32 REV_LEVEL = LAYOUT.u32("s_rev_level", 0x4c);

  private static final Layout.U16 DEF_RESUID = LAYOUT.u16("s_def_resuid", 0x50);
  private static final Layout.U16 DEF_RESGID = LAYOUT.u16("s_def_resgid", 0x52);
  static final Layout.U32 FIRST_INO = LAYOUT.u32("s_first_ino", 0x54);
  static final Layout.U16 INODE_SIZE = LAYOUT.u16("s_inode_size", 0x58);

  static {
    LAYOUT.unused("s_block_group_nr", 0x5a, 2);
  }

  static final Layout.U32 FEATURE_COMPAT = LAYOUT.u32("s_feature_compat", 0x5c);
  static final Layout.U32 FEATURE_INCOMPAT = LAYOUT.u32("s_feature_incompat", 0x60);
  static final Layout.U32 FEATURE_RO_COMPAT = LAYOUT.u32("s_feature_ro_compat", 0x64);
  private static final Layout.Bytes UUID = LAYOUT.bytes("s_uuid", 0x68, 16);
  private static final Layout.Bytes VOLUME_NAME = LAYOUT.bytes("s_volume_name", 0x78, 16);

  static {
    LAYOUT.unused("s_last_mounted, s_algorithm_usage_bitmap, s_prealloc", 0x88, 70);
  }

  private static final Layout.U16 RESERVED_GDT_BLOCKS = LAYOUT.u16("s_reserved_gdt_blocks", 0xce);

  static {
    LAYOUT.unused("s_journal_uuid", 0xd0, 16);
  }

  private static final Layout.U32 JOURNAL_INUM = LAYOUT.u32("s_journal_inum", 0xe0);
  private static final Layout.U32 JOURNAL_DEV = LAYOUT.u32("s_journal_dev", 0xe4);
  static final Layout.U32 LAST_ORPHAN = LAYOUT.u32("s_last_orphan", 0xe8);
  private static final Layout.Bytes HASH_SEED = LAYOUT.bytes("s_hash_seed", 0xec, 16);
  private static final Layout.U8 DEF_HASH_VERSION = LAYOUT.u8("s_def_hash_version", 0xfc);
  private static final Layout.U8 JNL_BACKUP_TYPE = LAYOUT.u8("s_jnl_backup_type", 0xfd);
  private static final Layout.U16 DESC_SIZE = LAYOUT.u16("s_desc_size", 0xfe);

  static {
    LAYOUT.unused("s_default_mount_opts", 0x100, 4);
  }

  private static final Layout.U32 FIRST_META_BG = LAYOUT.u32("s_first_meta_bg", 0x104);

  static {
    LAYOUT.unused("s_mkfs_time", 0x108, 4);
  }

  private static final Layout.Bytes JNL_BLOCKS = LAYOUT.bytes("s_jnl_blocks", 0x10c, 68);
  private static final Layout.U32 BLOCKS_COUNT_HI = LAYOUT.u32("s_blocks_count_hi", 0x150);
  private static final Layout.U32 R_BLOCKS_COUNT_HI = LAYOUT.u32("s_r_blocks_count_hi", 0x154);

  static final Layout.U32 FREE_BLOCKS_COUNT_HI = LAYOUT.u32("s_free_blocks_count_hi", 0x158);

  static {
    LAYOUT.unused("s_min_extra_isize", 0x15c, 2);
  }

  private static final Layout.U16 WANT_EXTRA_ISIZE = LAYOUT.u16("s_want_extra_isize", 0x15e);

  private static final Layout.U32 FLAGS = LAYOUT.u32("s_flags", 0x160);

  static {
    LAYOUT.unused("s_raid_stride, s_mmp_interval, s_mmp_block, s_raid_stripe_width", 0x164, 16);
  }

  private static final Layout.U8 LOG_GROUPS_PER_FLEX = LAYOUT.u8("s_log_groups_per_flex", 0x174);

  private static final Layout.U8 CHECKSUM_TYPE = LAYOUT.u8("s_checksum_type", 0x175);
  private static final Layout.U8 ENCRYPTION_LEVEL = LAYOUT.u8("s_encryption_level", 0x176);

  static {
    LAYOUT.unused("s_reserved_pad, s_kbytes_written", 0x177, 9);
    LAYOUT.unused("s_snapshot_inum, s_snapshot_id, r_blocks_count, list", 0x180, 20);
  }

  static final int ERROR_FIELDS_OFFSET = 0x194;
  static final Layout.U32 ERROR_COUNT = LAYOUT.u32("s_error_count", 0x194);
  static final Layout.U32 FIRST_ERROR_TIME = LAYOUT.u32("s_first_error_time", 0x198);
  static final Layout.U32 FIRST_ERROR_INO = LAYOUT.u32("s_first_error_ino", 0x19c);
  static final Layout.U64 FIRST_ERROR_BLOCK = LAYOUT.u64("s_first_error_block", 0x1a0);
  static final Layout.Bytes FIRST_ERROR_FUNC = LAYOUT.bytes("s_first_error_func", 0x1a8, 32);
  static final Layout.U32 FIRST_ERROR_LINE = LAYOUT.u32("s_first_error_line", 0x1c8);
  static final Layout.U32 LAST_ERROR_TIME = LAYOUT.u32("s_last_error_time", 0x1cc);
  static final Layout.U32 LAST_ERROR_INO = LAYOUT.u32("s_last_error_ino", 0x1d0);
  static final Layout.U32 LAST_ERROR_LINE = LAYOUT.u32("s_last_error_line", 0x1d4);
  static final Layout.U64 LAST_ERROR_BLOCK = LAYOUT.u64("s_last_error_block", 0x1d8);
  static final Layout.Bytes LAST_ERROR_FUNC = LAYOUT.bytes("s_last_error_func", 0x1e0, 32);

  static final int ERROR_FIELDS_END = 0x200;

  static {
    LAYOUT.unused("s_mount_opts, s_usr_quota_inum, s_grp_quota_inum", 0x200, 72);
  }

  private static final Layout.U32 OVERHEAD_CLUSTERS = LAYOUT.u32("s_overhead_clusters", 0x248);
  private static final Layout.U32 BACKUP_BG_0 = LAYOUT.u32("s_backup_bgs[0]", 0x24c);
  private static final Layout.U32 BACKUP_BG_1 = LAYOUT.u32("s_backup_bgs[1]", 0x250);

  static {
    LAYOUT.unused("s_encrypt_algos, s_encrypt_pw_salt, s_lpf_ino, s_prj_quota_inum", 0x254, 28);
  }

  private static final Layout.U32 CHECKSUM_SEED = LAYOUT.u32("s_checksum_seed", 0x270);

  static {
    LAYOUT.unused("s_wtime_hi", 0x274, 1);
    LAYOUT.unused("s_mtime_hi, s_mkfs_time_hi, s_lastcheck_hi", 0x275, 3);
    LAYOUT.unused("s_first_error_time_hi, s_last_error_time_hi", 0x278, 2);
  }

  static final Layout.U8 FIRST_ERROR_ERRCODE = LAYOUT.u8("s_first_error_errcode", 0x27a);
  static final Layout.U8 LAST_ERROR_ERRCODE = LAYOUT.u8("s_last_error_errcode", 0x27b);

  static {
    LAYOUT.unused("s_encoding, s_encoding_flags", 0x27c, 4);
  }

  private static final Layout.U32 ORPHAN_FILE_INUM = LAYOUT.u32("s_orphan_file_inum", 0x280);

  static {
    LAYOUT.unused("s_reserved", 0x284, 376);
  }

  static final Layout.U32 CHECKSUM = LAYOUT.u32("s_checksum", 0x3fc);

  /** Its size, which does not depend on the block size. */
  public static final int BYTES = LAYOUT.size(1024);

  /** Where it lies, from the start of the volume. */
  public static final int OFFSET = 1024;

  /** In s_state: cleanly unmounted. */
  public static final int STATE_VALID = 0x1;

  /** In s_state: an error was found. */
  public static final int STATE_ERROR = 0x2;

  private static final int EXT_MAGIC = 0xef53;
  private static final int CHECKSUM_TYPE_CRC32C = 1;
  static final int GOOD_OLD_REVISION = 0;
  static final int DYNAMIC_REVISION = 1;
  static final int GOOD_OLD_FIRST_INODE = 11;
  private static final int JOURNAL_BACKUP_BLOCKS = 1;
  private static final int FLAG_UNSIGNED_HASH = 0x2;
  private static final Site SITE = new Site("ext4 superblock", -1, 0);

  private final ByteBuffer bytes;

  private Superblock(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** Whether 1024 bytes look like a superblock: their magic is right. */
  public static boolean isOne(ByteBuffer bytes) {
    return MAGIC.get(bytes, 0) == EXT_MAGIC;
  }

  /**
   * Takes 1024 bytes for a superblock without a look at them beyond the magic: for a name, a label.
   */
  public static Superblock unchecked(ByteBuffer bytes) {
    return new Superblock(bytes);
  }

  /**
   * Reads a superblock and verifies its magic, its checksum, and that its features can be read.
   *
   * @param bytes 1024 bytes from position 0, not to be changed afterwards
   * @throws CorruptException when it is none, or damaged
   * @throws UnsupportedException when it has a feature that cannot be read: named, with its bit
   */
  public static Superblock of(ByteBuffer bytes) throws CorruptException, UnsupportedException {
    if (!isOne(bytes)) {
      throw SITE.damage("s_magic", "0xef53", String.format("0x%04x", MAGIC.get(bytes, 0)));
    }
    Superblock superblock = new Superblock(bytes);
    superblock.requireReadableFeatures();
    superblock.verifyChecksum();
    return superblock;
  }

  private void requireReadableFeatures() throws UnsupportedException {
    if (has(Feature.JOURNAL_DEV)) {
      throw new UnsupportedException(
          "ext4 superblock: incompatible feature 0x00000008 (journal_dev):"
              + " this is another file system's external journal");
    }
    List<String> unreadable = Feature.unreadable(FEATURE_INCOMPAT.bits(bytes, 0));
    if (!unreadable.isEmpty()) {
      throw new UnsupportedException(
          "ext4 superblock: incompatible feature " + String.join(", ", unreadable));
    }
    if (has(Feature.ENCRYPT) && ENCRYPTION_LEVEL.get(bytes, 0) != 0) {
      throw new UnsupportedException(
          "ext4 superblock: encryption level " + ENCRYPTION_LEVEL.get(bytes, 0));
    }
  }

  private void verifyChecksum() throws CorruptException, UnsupportedException {
    if (!has(Feature.METADATA_CSUM)) {
      return;
    }
    if (CHECKSUM_TYPE.get(bytes, 0) != CHECKSUM_TYPE_CRC32C) {
      throw new UnsupportedException(
          "ext4 superblock: checksum type " + CHECKSUM_TYPE.get(bytes, 0));
    }
    int computed = Crc32c.of(Crc32c.ALL_ONES, bytes, 0, BYTES - Integer.BYTES);
    int stored = CHECKSUM.bits(bytes, 0);
    if (computed != stored) {
      throw SITE.badChecksum(computed, stored);
    }
  }

  /** Whether it announces a feature. */
  public boolean has(Feature feature) {
    int word =
        switch (feature.kind()) {
          case COMPATIBLE -> FEATURE_COMPAT.bits(bytes, 0);
          case INCOMPATIBLE -> FEATURE_INCOMPAT.bits(bytes, 0);
          case READ_ONLY_COMPATIBLE -> FEATURE_RO_COMPAT.bits(bytes, 0);
        };
    return (word & feature.bit()) != 0;
  }

  /** The three words of features: compatible, incompatible, read-only compatible. */
  public int featureBits(Feature.Kind kind) {
    return switch (kind) {
      case COMPATIBLE -> FEATURE_COMPAT.bits(bytes, 0);
      case INCOMPATIBLE -> FEATURE_INCOMPAT.bits(bytes, 0);
      case READ_ONLY_COMPATIBLE -> FEATURE_RO_COMPAT.bits(bytes, 0);
    };
  }

  /** Blocks of the volume, as it says; above {@link Long#MAX_VALUE} it comes out negative. */
  public long blockCount() {
    return wide(BLOCKS_COUNT_HI, BLOCKS_COUNT_LO);
  }

  /** Whether somebody may use the blocks that are kept: root, and a user or group it names. */
  public boolean isKeptFor(Owner owner) {
    long groupId = DEF_RESGID.get(bytes, 0);
    return owner.userId() == 0
        || owner.userId() == DEF_RESUID.get(bytes, 0)
        || (groupId != 0 && owner.groupId() == groupId);
  }

  /** Blocks kept for root. */
  public long reservedBlockCount() {
    return wide(R_BLOCKS_COUNT_HI, R_BLOCKS_COUNT_LO);
  }

  private long wide(Layout.U32 high, Layout.U32 low) {
    long number = low.get(bytes, 0);
    return has(Feature.BIT64) ? number | high.get(bytes, 0) << Integer.SIZE : number;
  }

  /** Inodes, used and free. */
  public long inodeCount() {
    return INODES_COUNT.get(bytes, 0);
  }

  /** The block that group 0 starts with: 1 where blocks are 1 KiB, else 0. */
  public long firstDataBlockNr() {
    return FIRST_DATA_BLOCK.get(bytes, 0);
  }

  /** A block has 1024 bytes, shifted by this. */
  public long logBlockSize() {
    return LOG_BLOCK_SIZE.get(bytes, 0);
  }

  /** A cluster has 1024 bytes, shifted by this; meaningful with bigalloc. */
  public long logClusterSize() {
    return LOG_CLUSTER_SIZE.get(bytes, 0);
  }

  /** Blocks of a group. */
  public long blocksPerGroup() {
    return BLOCKS_PER_GROUP.get(bytes, 0);
  }

  /** Clusters of a group. */
  public long clustersPerGroup() {
    return CLUSTERS_PER_GROUP.get(bytes, 0);
  }

  /** Inodes of a group. */
  public long inodesPerGroup() {
    return INODES_PER_GROUP.get(bytes, 0);
  }

  /** Bytes of an inode in the table. */
  public int inodeBytes() {
    return isFirstRevision() ? RawInode.GOOD_OLD_BYTES : INODE_SIZE.get(bytes, 0);
  }

  /** The first inode that is not kept for the file system itself. */
  public long firstInodeNr() {
    return isFirstRevision() ? GOOD_OLD_FIRST_INODE : FIRST_INO.get(bytes, 0);
  }

  private boolean isFirstRevision() {
    return REV_LEVEL.get(bytes, 0) == GOOD_OLD_REVISION;
  }

  /** Bytes of a group descriptor as given, 0 where it is the first size of 32. */
  public int descriptorBytes() {
    return DESC_SIZE.get(bytes, 0);
  }

  /** The first meta block group, with meta_bg. */
  public long firstMetaBlockGroup() {
    return FIRST_META_BG.get(bytes, 0);
  }

  /** Blocks kept behind the group descriptors, for growing. */
  public int reservedDescriptorBlockCount() {
    return RESERVED_GDT_BLOCKS.get(bytes, 0);
  }

  /** The two groups that hold copies of it, with sparse_super2. */
  public boolean isBackupGroup(long groupNr) {
    return BACKUP_BG_0.get(bytes, 0) == groupNr || BACKUP_BG_1.get(bytes, 0) == groupNr;
  }

  /** Clusters that hold the file system's own structures, 0 where not known. */
  public long overheadClusterCount() {
    return OVERHEAD_CLUSTERS.get(bytes, 0);
  }

  /** The inode of the journal, 0 where there is none in this volume. */
  public long journalInodeNr() {
    return JOURNAL_INUM.get(bytes, 0);
  }

  /** The device number of an external journal, else 0. */
  public long journalDevice() {
    return JOURNAL_DEV.get(bytes, 0);
  }

  /** Whether it was last unmounted cleanly, and no error was found since its last check. */
  public boolean isClean() {
    return (STATE.get(bytes, 0) & (STATE_VALID | STATE_ERROR)) == STATE_VALID;
  }

  /** What s_state says: {@link #STATE_VALID}, {@link #STATE_ERROR} and others. */
  public int state() {
    return STATE.get(bytes, 0);
  }

  /** The inode of the orphan file, with orphan_file. */
  public long orphanFileInodeNr() {
    return ORPHAN_FILE_INUM.get(bytes, 0);
  }

  /** Groups whose bitmaps and inode tables lie together: 1 shifted by this. */
  public int logGroupsPerFlex() {
    return LOG_GROUPS_PER_FLEX.get(bytes, 0);
  }

  /** How many bytes of extra fields a new inode gets. */
  public int wantedExtraBytes() {
    return WANT_EXTRA_ISIZE.get(bytes, 0);
  }

  /** The first inode of the list of orphans, 0 where it is empty. */
  public long lastOrphanInodeNr() {
    return LAST_ORPHAN.get(bytes, 0);
  }

  /** Whether {@link #journalBackup} holds anything. */
  public boolean hasJournalBackup() {
    return JNL_BACKUP_TYPE.get(bytes, 0) == JOURNAL_BACKUP_BLOCKS;
  }

  /**
   * A copy of the journal inode's block map (60 bytes), the high and the low half of its size (4
   * bytes each).
   */
  public byte[] journalBackup() {
    return JNL_BLOCKS.get(bytes, 0);
  }

  /** The version of the hash of directories that are not indexed yet. */
  public int defaultHashVersion() {
    return DEF_HASH_VERSION.get(bytes, 0);
  }

  /** Whether names are hashed as unsigned bytes. */
  public boolean hashesUnsigned() {
    return (FLAGS.bits(bytes, 0) & FLAG_UNSIGNED_HASH) != 0;
  }

  /** The four words that a directory's hash starts with. */
  public int[] hashSeed() {
    ByteBuffer seed = ByteBuffer.wrap(HASH_SEED.get(bytes, 0)).order(ByteOrder.LITTLE_ENDIAN);
    return new int[] {seed.getInt(), seed.getInt(), seed.getInt(), seed.getInt()};
  }

  /** What the checksums of all other structures start with. */
  public int checksumSeed() {
    return has(Feature.METADATA_CSUM_SEED)
        ? CHECKSUM_SEED.bits(bytes, 0)
        : Crc32c.of(Crc32c.ALL_ONES, UUID.get(bytes, 0));
  }

  /** Its UUID, 16 bytes. */
  public byte[] uuid() {
    return UUID.get(bytes, 0);
  }

  /** Its label, 16 bytes with zeroes at the end. */
  public byte[] volumeName() {
    return VOLUME_NAME.get(bytes, 0);
  }
}
