package io.lamina.ext4;

import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.InodeTime;
import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.Site;
import io.lamina.ext4.format.Superblock;
import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Timestamp;
import io.lamina.ondisk.CorruptException;
import org.jspecify.annotations.Nullable;

/** An inode in memory, verified, with what stat tells of it worked out. Immutable. */
final class Inode {
  private static final int OVERHEAD_BYTES = 400;
  private static final int PERMISSIONS = 0xfff;
  private static final int SECTOR_BYTES = 512;
  private static final int CHANGE_EXTRA_END = 8;
  private static final int MODIFICATION_EXTRA_END = 12;
  private static final int ACCESS_EXTRA_END = 16;
  private static final @Nullable FileType[] TYPES = typesByMode();

  private final long blockNr;
  private final RawInode raw;
  private final int extraBytes;
  private final int seed;
  private final Attributes attributes;

  private Inode(long blockNr, RawInode raw, int extraBytes, int seed, Attributes attributes) {
    this.blockNr = blockNr;
    this.raw = raw;
    this.extraBytes = extraBytes;
    this.seed = seed;
    this.attributes = attributes;
  }

  private static @Nullable FileType[] typesByMode() {
    @Nullable FileType[] types = new FileType[16];
    for (FileType type : FileType.values()) {
      types[type.modeBits() >>> 12] = type;
    }
    return types;
  }

  /**
   * Verifies an inode and works out what it says.
   *
   * @param raw its bytes
   * @param site where they came from; its owner is the inode's number
   */
  static Inode of(Volume volume, RawInode raw, Site site) throws CorruptException {
    int seed = volume.checksums().seedOfInode(site.ownerNr(), raw.generation());
    int extraBytes = checkedExtraBytes(raw, site);
    volume.checksums().verifyInode(raw, seed, site);
    return of(volume, raw, extraBytes, seed, site);
  }

  /** As {@link #of}, of bytes put together here: their checksum is that of older ones. */
  static Inode changed(Volume volume, RawInode raw, Site site) throws CorruptException {
    int seed = volume.checksums().seedOfInode(site.ownerNr(), raw.generation());
    return of(volume, raw, checkedExtraBytes(raw, site), seed, site);
  }

  private static Inode of(Volume volume, RawInode raw, int extraBytes, int seed, Site site)
      throws CorruptException {
    FileType type = TYPES[raw.mode() >>> 12];
    if (type == null) {
      throw site.damage("i_mode", "a known type", String.format("0%o", raw.mode()));
    }
    return new Inode(
        site.blockNr(), raw, extraBytes, seed, attributes(volume, raw, type, extraBytes, site));
  }

  /** As {@link #of}, of bytes that have no checksum. */
  static Inode unverified(Volume volume, RawInode raw, Site site) throws CorruptException {
    return new Inode(
        site.blockNr(),
        raw,
        0,
        volume.checksums().seedOfInode(site.ownerNr(), raw.generation()),
        attributes(volume, raw, FileType.REGULAR, 0, site));
  }

  private static int checkedExtraBytes(RawInode raw, Site site) throws CorruptException {
    int extra = raw.extraBytes();
    int room = raw.byteCount() - RawInode.GOOD_OLD_BYTES;
    if (extra > room || extra % Integer.BYTES != 0) {
      throw site.damage("i_extra_isize", "at most " + room + ", by fours", extra);
    }
    return extraBytes(raw);
  }

  /**
   * Bytes of extra fields. An inode that never used its extra room has its known fields all the
   * same, all zero.
   */
  static int extraBytes(RawInode raw) {
    int room = raw.byteCount() - RawInode.GOOD_OLD_BYTES;
    return raw.extraBytes() == 0 ? Math.min(room, RawInode.EXTRA_BYTES) : raw.extraBytes();
  }

  private static Attributes attributes(
      Volume volume, RawInode raw, FileType type, int extraBytes, Site site)
      throws CorruptException {
    Superblock superblock = volume.superblock();
    boolean hasHighSize = type == FileType.REGULAR || superblock.has(Feature.LARGE_DIR);
    long size = hasHighSize ? raw.size() : raw.sizeLow();
    if (size < 0) {
      throw site.damage("i_size", "less than 2^63", size);
    }
    long device = isDevice(type) ? deviceNumber(raw) : 0;
    return new Attributes(
        site.ownerNr(),
        type,
        raw.mode() & PERMISSIONS,
        raw.linkCount(),
        raw.userId(),
        raw.groupId(),
        size,
        sectorCount(volume, raw, type, size),
        (int) (device >>> Integer.SIZE),
        (int) device,
        time(raw.accessSeconds(), extraBytes >= ACCESS_EXTRA_END ? raw.accessExtra() : 0),
        time(
            raw.modificationSeconds(),
            extraBytes >= MODIFICATION_EXTRA_END ? raw.modificationExtra() : 0),
        time(raw.changeSeconds(), extraBytes >= CHANGE_EXTRA_END ? raw.changeExtra() : 0));
  }

  private static Timestamp time(int seconds, int extra) {
    return new Timestamp(InodeTime.seconds(seconds, extra), InodeTime.nanos(extra));
  }

  private static long sectorCount(Volume volume, RawInode raw, FileType type, long size) {
    if (!volume.superblock().has(Feature.HUGE_FILE)) {
      return raw.blocksLow();
    }
    long count = raw.blocks();
    if ((raw.flags() & InodeFlags.HUGE_FILE) != 0) {
      count *= volume.geometry().blockBytes() / SECTOR_BYTES;
    }
    return count + (type == FileType.REGULAR ? inlineSectors(raw, size) : 0);
  }

  /** Content in the inode takes no block, but a file that claims no space looks like one hole. */
  private static long inlineSectors(RawInode raw, long size) {
    boolean inline = (raw.flags() & InodeFlags.INLINE_DATA) != 0;
    return inline ? size / SECTOR_BYTES + (size % SECTOR_BYTES == 0 ? 0 : 1) : 0;
  }

  private static boolean isDevice(FileType type) {
    return type == FileType.CHARACTER_DEVICE || type == FileType.BLOCK_DEVICE;
  }

  /** The major number in the upper half, the minor in the lower. */
  private static long deviceNumber(RawInode raw) {
    long old = raw.blockMap(0);
    if (old != 0) {
      return ((old >>> 8 & 0xff) << Integer.SIZE) | (old & 0xff);
    }
    long wide = raw.blockMap(1);
    long major = wide >>> 8 & 0xfff;
    long minor = (wide & 0xff) | (wide >>> 12 & 0xf_ff00);
    return (major << Integer.SIZE) | minor;
  }

  long inodeNr() {
    return attributes.inodeNr();
  }

  Attributes attributes() {
    return attributes;
  }

  FileType type() {
    return attributes.type();
  }

  long size() {
    return attributes.size();
  }

  RawInode raw() {
    return raw;
  }

  /** Bytes of extra fields; behind them the inode's own attributes start. */
  int extraBytes() {
    return extraBytes;
  }

  /** What the checksums of its blocks start with. */
  int seed() {
    return seed;
  }

  /** Whether it has one of the {@link InodeFlags}. */
  boolean has(int flag) {
    return (raw.flags() & flag) != 0;
  }

  /** Where it lies itself, for complaints. */
  Site site() {
    return new Site("ext4 inode", inodeNr(), blockNr);
  }

  int weightBytes() {
    return raw.byteCount() + OVERHEAD_BYTES;
  }
}
