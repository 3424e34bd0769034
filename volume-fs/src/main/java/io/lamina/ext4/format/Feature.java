package io.lamina.ext4.format;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The features that a superblock may announce, with the names that mke2fs gives them.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/super.html">The super
 *     block</a>
 */
public enum Feature {
  HAS_JOURNAL(Kind.COMPATIBLE, 0x4, "has_journal"),
  EXT_ATTR(Kind.COMPATIBLE, 0x8, "ext_attr"),
  RESIZE_INODE(Kind.COMPATIBLE, 0x10, "resize_inode"),
  DIR_INDEX(Kind.COMPATIBLE, 0x20, "dir_index"),
  SPARSE_SUPER2(Kind.COMPATIBLE, 0x200, "sparse_super2"),
  FAST_COMMIT(Kind.COMPATIBLE, 0x400, "fast_commit"),
  STABLE_INODES(Kind.COMPATIBLE, 0x800, "stable_inodes"),
  ORPHAN_FILE(Kind.COMPATIBLE, 0x1000, "orphan_file"),

  COMPRESSION(Kind.INCOMPATIBLE, 0x1, "compression", false),
  FILETYPE(Kind.INCOMPATIBLE, 0x2, "filetype"),
  NEEDS_RECOVERY(Kind.INCOMPATIBLE, 0x4, "needs_recovery"),
  JOURNAL_DEV(Kind.INCOMPATIBLE, 0x8, "journal_dev", false),
  META_BG(Kind.INCOMPATIBLE, 0x10, "meta_bg"),
  EXTENT(Kind.INCOMPATIBLE, 0x40, "extent"),
  BIT64(Kind.INCOMPATIBLE, 0x80, "64bit"),
  MMP(Kind.INCOMPATIBLE, 0x100, "mmp"),
  FLEX_BG(Kind.INCOMPATIBLE, 0x200, "flex_bg"),
  EA_INODE(Kind.INCOMPATIBLE, 0x400, "ea_inode"),
  DIRDATA(Kind.INCOMPATIBLE, 0x1000, "dirdata", false),
  METADATA_CSUM_SEED(Kind.INCOMPATIBLE, 0x2000, "metadata_csum_seed"),
  LARGE_DIR(Kind.INCOMPATIBLE, 0x4000, "large_dir"),
  INLINE_DATA(Kind.INCOMPATIBLE, 0x8000, "inline_data"),
  ENCRYPT(Kind.INCOMPATIBLE, 0x10000, "encrypt"),
  CASEFOLD(Kind.INCOMPATIBLE, 0x20000, "casefold"),

  SPARSE_SUPER(Kind.READ_ONLY_COMPATIBLE, 0x1, "sparse_super"),
  LARGE_FILE(Kind.READ_ONLY_COMPATIBLE, 0x2, "large_file"),
  HUGE_FILE(Kind.READ_ONLY_COMPATIBLE, 0x8, "huge_file"),
  GDT_CSUM(Kind.READ_ONLY_COMPATIBLE, 0x10, "uninit_bg"),
  DIR_NLINK(Kind.READ_ONLY_COMPATIBLE, 0x20, "dir_nlink"),
  EXTRA_ISIZE(Kind.READ_ONLY_COMPATIBLE, 0x40, "extra_isize"),
  QUOTA(Kind.READ_ONLY_COMPATIBLE, 0x100, "quota"),
  BIGALLOC(Kind.READ_ONLY_COMPATIBLE, 0x200, "bigalloc"),
  METADATA_CSUM(Kind.READ_ONLY_COMPATIBLE, 0x400, "metadata_csum"),
  READONLY(Kind.READ_ONLY_COMPATIBLE, 0x1000, "read-only"),
  PROJECT(Kind.READ_ONLY_COMPATIBLE, 0x2000, "project"),
  SHARED_BLOCKS(Kind.READ_ONLY_COMPATIBLE, 0x4000, "shared_blocks"),
  VERITY(Kind.READ_ONLY_COMPATIBLE, 0x8000, "verity"),
  ORPHAN_PRESENT(Kind.READ_ONLY_COMPATIBLE, 0x10000, "orphan_present");

  /** Which of the superblock's three words a feature's bit stands in. */
  public enum Kind {
    COMPATIBLE,
    INCOMPATIBLE,
    READ_ONLY_COMPATIBLE
  }

  private final Kind kind;
  private final int bit;
  private final String label;
  private final boolean readable;

  Feature(Kind kind, int bit, String label) {
    this(kind, bit, label, true);
  }

  Feature(Kind kind, int bit, String label, boolean readable) {
    this.kind = kind;
    this.bit = bit;
    this.label = label;
    this.readable = readable;
  }

  /** What mke2fs calls it. */
  public String label() {
    return label;
  }

  /** The word that holds its bit. */
  public Kind kind() {
    return kind;
  }

  /** Its bit. */
  public int bit() {
    return bit;
  }

  /**
   * The incompatible features among {@code bits} that this project cannot read, each as its bit and
   * its name.
   */
  static List<String> unreadable(int bits) {
    List<String> found = new ArrayList<>();
    for (int rest = bits; rest != 0; rest &= rest - 1) {
      int bit = Integer.lowestOneBit(rest);
      Feature feature = find(Kind.INCOMPATIBLE, bit);
      if (feature == null || !feature.readable) {
        found.add(String.format("0x%08x (%s)", bit, feature == null ? "unknown" : feature.label));
      }
    }
    return found;
  }

  /**
   * The lowest bit of the features that one must know to write to a volume, and that is not known
   * here; null where all are.
   */
  public static @Nullable String unknownReadOnlyCompatible(Superblock superblock) {
    int bits = superblock.featureBits(Kind.READ_ONLY_COMPATIBLE);
    for (int rest = bits; rest != 0; rest &= rest - 1) {
      int bit = Integer.lowestOneBit(rest);
      if (find(Kind.READ_ONLY_COMPATIBLE, bit) == null) {
        return String.format("0x%08x (unknown)", bit);
      }
    }
    return null;
  }

  private static @Nullable Feature find(Kind kind, int bit) {
    for (Feature feature : values()) {
      if (feature.kind == kind && feature.bit == bit) {
        return feature;
      }
    }
    return null;
  }
}
