package io.lamina.thin;

import io.lamina.block.BlockDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.Bytes;
import io.lamina.ondisk.Layout.U32;
import io.lamina.ondisk.Layout.U64;
import io.lamina.ondisk.UnsupportedException;
import io.lamina.persist.BlockHeader;
import io.lamina.persist.BlockManager;
import io.lamina.persist.BlockType;
import io.lamina.persist.space.SpaceMapRoot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/**
 * Block 0 of the metadata, or the copy of it that a metadata snapshot keeps.
 *
 * @param flags bit 0: needs_check
 * @param uuid 16 bytes that the kernel leaves zero
 * @param time counts the snapshots taken
 * @param transactionId a number that belongs to whoever manages the pool
 * @param heldRoot block of the superblock's copy that a metadata snapshot keeps; 0 for none
 * @param dataSpaceMap counts of the data blocks; all zero in a held copy
 * @param metadataSpaceMap counts of the metadata blocks; all zero in a held copy
 * @param mappingRoot root of the mapping tree: device id to the root of its own tree
 * @param detailsRoot root of the device details
 * @param dataBlockSectors size of a data block, in units of 512 bytes
 * @param metadataBlockCount size of the metadata device when it was formatted
 * @param compatFlags features that anybody may ignore
 * @param compatRoFlags features that a reader may ignore
 * @param incompatFlags features that nobody may ignore
 * @see <a href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/drivers/md/
 *     dm-thin-metadata.c">struct thin_disk_superblock</a>
 */
public record Superblock(
    int flags,
    UUID uuid,
    int time,
    long transactionId,
    long heldRoot,
    SpaceMapRoot dataSpaceMap,
    SpaceMapRoot metadataSpaceMap,
    long mappingRoot,
    long detailsRoot,
    int dataBlockSectors,
    long metadataBlockCount,
    int compatFlags,
    int compatRoFlags,
    int incompatFlags) {
  private static final Layout LAYOUT = Layout.littleEndian("thin_disk_superblock");

  static {
    LAYOUT.unused("csum", 0, 4);
  }

  private static final U32 FLAGS = LAYOUT.u32("flags", 4);

  static {
    LAYOUT.unused("blocknr", 8, 8);
  }

  private static final Bytes UUID_BYTES = LAYOUT.bytes("uuid", 16, 16);
  private static final U64 MAGIC = LAYOUT.u64("magic", 32);
  private static final U32 VERSION = LAYOUT.u32("version", 40);
  private static final U32 TIME = LAYOUT.u32("time", 44);
  private static final U64 TRANSACTION_ID = LAYOUT.u64("trans_id", 48);
  private static final U64 HELD_ROOT = LAYOUT.u64("held_root", 56);
  private static final Bytes DATA_SPACE_MAP = LAYOUT.bytes("data_space_map_root", 64, 128);
  private static final Bytes METADATA_SPACE_MAP = LAYOUT.bytes("metadata_space_map_root", 192, 128);
  private static final U64 MAPPING_ROOT = LAYOUT.u64("data_mapping_root", 320);
  private static final U64 DETAILS_ROOT = LAYOUT.u64("device_details_root", 328);
  private static final U32 DATA_BLOCK_SECTORS = LAYOUT.u32("data_block_size", 336);
  private static final U32 METADATA_BLOCK_SECTORS = LAYOUT.u32("metadata_block_size", 340);
  private static final U64 METADATA_BLOCK_COUNT = LAYOUT.u64("metadata_nr_blocks", 344);
  private static final U32 COMPAT_FLAGS = LAYOUT.u32("compat_flags", 352);
  private static final U32 COMPAT_RO_FLAGS = LAYOUT.u32("compat_ro_flags", 356);
  private static final U32 INCOMPAT_FLAGS = LAYOUT.u32("incompat_flags", 360);

  static {
    LAYOUT.size(364);
  }

  /** Where the superblock lies. */
  public static final long BLOCK_NR = 0;

  static final long MAGIC_NUMBER = 27022010;
  static final int VERSION_NUMBER = 2;
  static final int SECTOR_BYTES = 512;
  static final int FLAG_NEEDS_CHECK = 1;
  static final int MAX_TIME = (1 << 24) - 1;

  private static final int MIN_DATA_BLOCK_SECTORS = 128;
  private static final int MAX_DATA_BLOCK_SECTORS = 1 << 21;
  private static final String STRUCTURE = "superblock";

  /** Superblocks, as checksums know them. */
  static final BlockType<Superblock> TYPE =
      new BlockType<>() {
        @Override
        public String structure() {
          return STRUCTURE;
        }

        @Override
        public int checksumSalt() {
          return 160774;
        }

        @Override
        public Superblock decode(long blockNr, ByteBuffer bytes) throws IOException {
          return Superblock.decode(blockNr, bytes);
        }
      };

  /**
   * Reads and checks a superblock.
   *
   * @param blockNr {@link #BLOCK_NR}, or a held root
   * @throws CorruptException when it is none, or breaks its format
   * @throws UnsupportedException when it uses an unknown feature
   * @throws IOException when the device is too short for one
   */
  public static Superblock read(BlockDevice device, long blockNr) throws IOException {
    if (device.size() < BlockManager.BLOCK_BYTES) {
      throw new IOException(
          device.name() + ": " + device.size() + " bytes are too few for a pool's metadata");
    }
    if (Long.compareUnsigned(blockNr, device.size() / BlockManager.BLOCK_BYTES) >= 0) {
      throw damaged(
          blockNr,
          "block number",
          "less than " + device.size() / BlockManager.BLOCK_BYTES,
          Long.toUnsignedString(blockNr));
    }
    ByteBuffer bytes = ByteBuffer.allocate(BlockManager.BLOCK_BYTES);
    device.read(blockNr * BlockManager.BLOCK_BYTES, bytes);
    bytes.clear();
    // The magic first: of a file that is no pool at all, this says most.
    expect(blockNr, "magic", MAGIC_NUMBER, MAGIC.get(bytes, 0));
    BlockHeader.verify(blockNr, bytes, TYPE);
    return decode(blockNr, bytes);
  }

  /**
   * What a damaged superblock says, whatever its checksum says: none of it is to be trusted.
   *
   * @return empty where it is not even the form of one
   */
  public static Optional<Superblock> glimpse(BlockDevice device) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(BlockManager.BLOCK_BYTES);
    device.read(BLOCK_NR, bytes);
    try {
      return Optional.of(decode(BLOCK_NR, bytes.clear()));
    } catch (CorruptException | UnsupportedException e) {
      return Optional.empty();
    }
  }

  private static Superblock decode(long blockNr, ByteBuffer bytes) throws IOException {
    expect(blockNr, "magic", MAGIC_NUMBER, MAGIC.get(bytes, 0));
    expect(blockNr, "version", VERSION_NUMBER, VERSION.get(bytes, 0));
    int incompat = INCOMPAT_FLAGS.bits(bytes, 0);
    if (incompat != 0) {
      throw new UnsupportedException(
          String.format("%s: unknown incompatible feature, bits 0x%x", STRUCTURE, incompat));
    }
    expect(
        blockNr,
        "metadata_block_size",
        BlockManager.BLOCK_BYTES / SECTOR_BYTES,
        METADATA_BLOCK_SECTORS.get(bytes, 0));
    checkDataBlockSectors(blockNr, DATA_BLOCK_SECTORS.get(bytes, 0));
    if (TIME.get(bytes, 0) > MAX_TIME) {
      throw damaged(blockNr, "time", "at most " + MAX_TIME, "" + TIME.get(bytes, 0));
    }
    return new Superblock(
        FLAGS.bits(bytes, 0),
        uuid(bytes),
        TIME.bits(bytes, 0),
        TRANSACTION_ID.get(bytes, 0),
        HELD_ROOT.get(bytes, 0),
        SpaceMapRoot.get(bytes, DATA_SPACE_MAP.offset()),
        SpaceMapRoot.get(bytes, METADATA_SPACE_MAP.offset()),
        MAPPING_ROOT.get(bytes, 0),
        DETAILS_ROOT.get(bytes, 0),
        DATA_BLOCK_SECTORS.bits(bytes, 0),
        METADATA_BLOCK_COUNT.get(bytes, 0),
        COMPAT_FLAGS.bits(bytes, 0),
        COMPAT_RO_FLAGS.bits(bytes, 0),
        incompat);
  }

  private static UUID uuid(ByteBuffer bytes) {
    ByteBuffer field = ByteBuffer.wrap(UUID_BYTES.get(bytes, 0));
    return new UUID(field.getLong(), field.getLong());
  }

  private void putUuid(ByteBuffer bytes) {
    ByteBuffer field = ByteBuffer.allocate(UUID_BYTES.byteCount());
    field.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    UUID_BYTES.put(bytes, 0, field.array());
  }

  private static void checkDataBlockSectors(long blockNr, long sectors) throws CorruptException {
    if (sectors < MIN_DATA_BLOCK_SECTORS
        || sectors > MAX_DATA_BLOCK_SECTORS
        || sectors % MIN_DATA_BLOCK_SECTORS != 0) {
      throw damaged(
          blockNr,
          "data_block_size",
          "a multiple of 128 sectors up to " + MAX_DATA_BLOCK_SECTORS,
          Long.toString(sectors));
    }
  }

  static void checkDataBlockBytes(int bytes) throws IOException {
    if (bytes % SECTOR_BYTES != 0
        || bytes / SECTOR_BYTES < MIN_DATA_BLOCK_SECTORS
        || bytes / SECTOR_BYTES > MAX_DATA_BLOCK_SECTORS
        || bytes / SECTOR_BYTES % MIN_DATA_BLOCK_SECTORS != 0) {
      throw new IOException(
          "data block size " + bytes + ": must be a multiple of 65536 up to 1073741824");
    }
  }

  private static void expect(long blockNr, String field, long expected, long found)
      throws CorruptException {
    if (expected != found) {
      throw new CorruptException(Damage.ofNumbers(STRUCTURE, blockNr, field, expected, found));
    }
  }

  private static CorruptException damaged(
      long blockNr, String field, String expected, String found) {
    return new CorruptException(new Damage(STRUCTURE, blockNr, field, expected, found));
  }

  /** The superblock as a whole metadata block, number and checksum included. */
  public ByteBuffer toBlock(long blockNr) {
    ByteBuffer bytes = ByteBuffer.allocate(BlockManager.BLOCK_BYTES);
    FLAGS.put(bytes, 0, flags);
    putUuid(bytes);
    MAGIC.put(bytes, 0, MAGIC_NUMBER);
    VERSION.put(bytes, 0, VERSION_NUMBER);
    TIME.put(bytes, 0, time);
    TRANSACTION_ID.put(bytes, 0, transactionId);
    HELD_ROOT.put(bytes, 0, heldRoot);
    dataSpaceMap.put(bytes, DATA_SPACE_MAP.offset());
    metadataSpaceMap.put(bytes, METADATA_SPACE_MAP.offset());
    MAPPING_ROOT.put(bytes, 0, mappingRoot);
    DETAILS_ROOT.put(bytes, 0, detailsRoot);
    DATA_BLOCK_SECTORS.put(bytes, 0, dataBlockSectors);
    METADATA_BLOCK_SECTORS.put(bytes, 0, BlockManager.BLOCK_BYTES / SECTOR_BYTES);
    METADATA_BLOCK_COUNT.put(bytes, 0, metadataBlockCount);
    COMPAT_FLAGS.put(bytes, 0, compatFlags);
    COMPAT_RO_FLAGS.put(bytes, 0, compatRoFlags);
    INCOMPAT_FLAGS.put(bytes, 0, incompatFlags);
    BlockHeader.seal(blockNr, bytes, TYPE);
    return bytes;
  }

  /** One like this, to be changed. */
  SuperblockBuilder toBuilder() {
    return new SuperblockBuilder(this);
  }

  /** As a metadata snapshot keeps it: without space maps, which go on changing. */
  Superblock heldCopy() {
    return toBuilder().heldRoot(BLOCK_NR).spaceMaps(SpaceMapRoot.NONE, SpaceMapRoot.NONE).build();
  }

  /** Whether the kernel, or Lamina, found the metadata unsound and asks for a check. */
  public boolean needsCheck() {
    return (flags & FLAG_NEEDS_CHECK) != 0;
  }

  /** Size of a data block. */
  public int dataBlockBytes() {
    return dataBlockSectors * SECTOR_BYTES;
  }
}
