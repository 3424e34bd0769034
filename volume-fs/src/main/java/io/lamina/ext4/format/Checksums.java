package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Crc32c;
import java.nio.ByteBuffer;

/**
 * Verifies the checksums of a volume's structures. Each structure has its own rule on what goes in
 * before it: the volume's seed, then what it belongs to, so that a block in the wrong place is
 * found too.
 *
 * @see <a
 *     href="https://www.kernel.org/doc/html/latest/filesystems/ext4/overview.html">Checksums</a>
 */
public final class Checksums {
  private static final byte[] TWO_ZEROES = new byte[2];
  private static final int LOW_16 = 0xffff;

  private final boolean metadata;
  private final boolean groups;
  private final int seed;
  private final byte[] uuid;

  /** The rules of the volume with this superblock. */
  public Checksums(Superblock superblock) {
    metadata = superblock.has(Feature.METADATA_CSUM);
    groups = !metadata && superblock.has(Feature.GDT_CSUM);
    seed = superblock.checksumSeed();
    uuid = superblock.uuid();
  }

  /** Whether metadata other than group descriptors has checksums. */
  public boolean isOn() {
    return metadata;
  }

  /** Whether group descriptors have checksums, and groups may be uninitialised. */
  public boolean coverGroups() {
    return metadata || groups;
  }

  /** Verifies a group descriptor. */
  public void verifyGroup(ByteBuffer bytes, int base, int descriptorBytes, Site site)
      throws CorruptException {
    int stored = GroupDescriptor.storedChecksum(bytes, base);
    int computed = ofGroup(bytes, base, descriptorBytes, (int) site.ownerNr(), stored);
    if (computed != stored) {
      throw site.badChecksum(computed, stored);
    }
  }

  /** Puts the checksum into a group descriptor. */
  public void sealGroup(ByteBuffer bytes, int base, int descriptorBytes, long groupNr) {
    int stored = GroupDescriptor.storedChecksum(bytes, base);
    GroupDescriptor.CHECKSUM.put(
        bytes, base, ofGroup(bytes, base, descriptorBytes, (int) groupNr, stored));
  }

  /** Its checksum; where there are none, what is stored. */
  private int ofGroup(ByteBuffer bytes, int base, int descriptorBytes, int groupNr, int stored) {
    if (metadata) {
      return metadataChecksumOfGroup(bytes, base, descriptorBytes, groupNr);
    }
    return groups ? oldChecksumOfGroup(bytes, base, descriptorBytes, groupNr) : stored;
  }

  /** The checksum of the first bytes of a bitmap of clusters or inodes. */
  public int ofBitmap(ByteBuffer bitmap, int byteCount) {
    return Crc32c.of(seed, bitmap, 0, byteCount);
  }

  private int metadataChecksumOfGroup(ByteBuffer bytes, int base, int byteCount, int groupNr) {
    int before = base + GroupDescriptor.CHECKSUM_OFFSET;
    int crc = Crc32c.ofLittleEndian(seed, groupNr);
    crc = Crc32c.of(crc, bytes, base, before);
    crc = Crc32c.of(crc, TWO_ZEROES);
    return Crc32c.of(crc, bytes, before + Short.BYTES, base + byteCount) & LOW_16;
  }

  private int oldChecksumOfGroup(ByteBuffer bytes, int base, int byteCount, int groupNr) {
    int before = base + GroupDescriptor.CHECKSUM_OFFSET;
    int crc = Crc16.of(LOW_16, ByteBuffer.wrap(uuid), 0, uuid.length);
    byte[] number = {
      (byte) groupNr, (byte) (groupNr >>> 8), (byte) (groupNr >>> 16), (byte) (groupNr >>> 24)
    };
    crc = Crc16.of(crc, ByteBuffer.wrap(number), 0, number.length);
    crc = Crc16.of(crc, bytes, base, before);
    return Crc16.of(crc, bytes, before + Short.BYTES, base + byteCount);
  }

  /** What the checksums of an inode and of the blocks that belong to it start with. */
  public int seedOfInode(long inodeNr, int generation) {
    return metadata
        ? Crc32c.ofLittleEndian(Crc32c.ofLittleEndian(seed, (int) inodeNr), generation)
        : 0;
  }

  /** Verifies an inode. */
  public void verifyInode(RawInode inode, int inodeSeed, Site site) throws CorruptException {
    if (!metadata) {
      return;
    }
    int computed = ofInode(inode, inodeSeed);
    if (computed != inode.storedChecksum()) {
      throw site.badChecksum(computed, inode.storedChecksum());
    }
  }

  /** Puts the checksum into an inode. */
  public void sealInode(RawInode inode, int inodeSeed) {
    if (metadata) {
      inode.setChecksum(ofInode(inode, inodeSeed));
    }
  }

  private static int ofInode(RawInode inode, int inodeSeed) {
    ByteBuffer bytes = inode.bytes();
    Crc32c.Parts crc = new Crc32c.Parts(inodeSeed);
    crc.add(bytes, 0, RawInode.CHECKSUM_LO_OFFSET).add(TWO_ZEROES);
    int from = RawInode.CHECKSUM_LO_OFFSET + Short.BYTES;
    boolean wide = inode.hasWideChecksum();
    if (wide) {
      crc.add(bytes, from, RawInode.CHECKSUM_HI_OFFSET).add(TWO_ZEROES);
      from = RawInode.CHECKSUM_HI_OFFSET + Short.BYTES;
    }
    crc.add(bytes, from, inode.byteCount());
    return wide ? crc.checksum() : crc.checksum() & LOW_16;
  }

  /** Verifies bytes 0 to {@code end} of a block that belongs to an inode. */
  void verifyOwned(ByteBuffer bytes, int end, int inodeSeed, int stored, Site site)
      throws CorruptException {
    if (!metadata) {
      return;
    }
    int computed = ofOwned(bytes, end, inodeSeed);
    if (computed != stored) {
      throw site.badChecksum(computed, stored);
    }
  }

  /** The checksum of bytes 0 to {@code end} of a block that belongs to an inode. */
  int ofOwned(ByteBuffer bytes, int end, int inodeSeed) {
    return Crc32c.of(inodeSeed, bytes, 0, end);
  }

  /** Verifies a block of extended attributes, whose checksum covers its own block number. */
  void verifyXattrBlock(ByteBuffer bytes, int fieldOffset, int stored, Site site)
      throws CorruptException {
    if (!metadata) {
      return;
    }
    int computed = ofXattrBlock(bytes, fieldOffset, site.blockNr());
    if (computed != stored) {
      throw site.badChecksum(computed, stored);
    }
  }

  /** The checksum of a block of extended attributes. */
  int ofXattrBlock(ByteBuffer bytes, int fieldOffset, long blockNr) {
    int crc = Crc32c.ofLittleEndian(seed, (int) blockNr);
    crc = Crc32c.ofLittleEndian(crc, (int) (blockNr >>> Integer.SIZE));
    crc = Crc32c.of(crc, bytes, 0, fieldOffset);
    crc = Crc32c.ofLittleEndian(crc, 0);
    return Crc32c.of(crc, bytes, fieldOffset + Integer.BYTES, bytes.limit());
  }

  /** The checksum of bytes 0 to {@code end} of a block of an inode, its block number included. */
  int ofNumbered(ByteBuffer bytes, int end, int inodeSeed, long blockNr) {
    int crc = Crc32c.ofLittleEndian(inodeSeed, (int) blockNr);
    crc = Crc32c.ofLittleEndian(crc, (int) (blockNr >>> Integer.SIZE));
    return Crc32c.of(crc, bytes, 0, end);
  }

  /** The hash of an attribute's value that lies in an inode of its own. */
  public int ofValue(byte[] value) {
    return Crc32c.of(seed, value);
  }
}
