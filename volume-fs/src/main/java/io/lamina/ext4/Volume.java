package io.lamina.ext4;

import io.lamina.block.BlockDevice;
import io.lamina.block.WritableDevice;
import io.lamina.ext4.format.Checksums;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.Superblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * A volume and what holds for all of it. Two are equal only when they are the same object: it is
 * part of the caches' keys.
 */
final class Volume {
  /** Directories whose numbers have the same last bits share a count. */
  private static final int REMOVAL_COUNTS = 1024;

  private final BlockDevice device;
  private final @Nullable WritableDevice writable;
  private final @Nullable WritableDevice content;
  private final PendingBlocks pending = new PendingBlocks();
  private volatile Superblock superblock;
  private final Geometry geometry;
  private final Checksums checksums;
  private final Caches caches;
  private final int[] hashSeed;
  private final boolean hasDirectoryIndex;
  private final boolean hasFileTypes;
  private final Changes changes;
  private final AtomicLongArray removalCounts = new AtomicLongArray(REMOVAL_COUNTS);

  private Volume(
      BlockDevice device,
      @Nullable WritableDevice writable,
      Superblock superblock,
      Geometry geometry,
      Changes changes) {
    this.changes = changes;
    this.device = device;
    this.writable = writable;
    this.content = writable == null ? null : Room.forContent(writable);
    this.superblock = superblock;
    this.geometry = geometry;
    this.checksums = new Checksums(superblock);
    this.caches = Caches.SHARED;
    this.hashSeed = superblock.hashSeed();
    this.hasDirectoryIndex = superblock.has(Feature.DIR_INDEX);
    this.hasFileTypes = superblock.has(Feature.FILETYPE);
  }

  /** Reads a volume's superblock, and checks it against the size of its device. */
  static Volume open(BlockDevice device) throws IOException {
    return open(device, null);
  }

  /** As {@link #open}, of one that will be written to. */
  static Volume openWritable(WritableDevice device) throws IOException {
    return open(device, device);
  }

  private static Volume open(BlockDevice device, @Nullable WritableDevice writable)
      throws IOException {
    if (device.size() < Superblock.OFFSET + Superblock.BYTES) {
      throw new IOException(
          device.name() + ": " + device.size() + " bytes are too short for an ext4 file system");
    }
    ByteBuffer bytes = ByteBuffer.allocate(Superblock.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    device.read(Superblock.OFFSET, bytes);
    Superblock superblock = Superblock.of(bytes);
    Geometry geometry = Geometry.of(superblock, device.size());
    return new Volume(device, writable, superblock, geometry, Changes.NONE);
  }

  /** The same volume with changes laid over it. */
  Volume with(Changes laidOver) {
    return new Volume(device, writable, superblock, geometry, laidOver);
  }

  /** What is laid over the volume's blocks. */
  Changes changes() {
    return changes;
  }

  BlockDevice device() {
    return device;
  }

  /** Whether it is open for writing. */
  boolean isWritable() {
    return writable != null;
  }

  /** Its device, of a volume that is open for writing. */
  WritableDevice writable() {
    if (writable == null) {
      throw new IllegalStateException(device.name() + " is open for reading");
    }
    return writable;
  }

  /**
   * The same device for the content of files: where it shares its room with others, content takes
   * the last of it from nobody.
   */
  WritableDevice content() {
    if (content == null) {
      throw new IllegalStateException(device.name() + " is open for reading");
    }
    return content;
  }

  /** The images of blocks that are newer than what lies in their place. */
  PendingBlocks pending() {
    return pending;
  }

  /**
   * How often so far an entry of a directory, or of others that share its count, was removed or
   * came to name another file.
   */
  long removalCount(long directoryNr) {
    return removalCounts.get(removalIndex(directoryNr));
  }

  /** Counts one more, before it is done, with the directory locked. */
  void countRemoval(long directoryNr) {
    removalCounts.incrementAndGet(removalIndex(directoryNr));
  }

  private static int removalIndex(long directoryNr) {
    return (int) (directoryNr & (REMOVAL_COUNTS - 1));
  }

  /** An image has been written to its place. */
  void settle(MetadataBlock image) {
    pending.settle(this, caches, image);
  }

  /** A block is metadata no longer. */
  void forget(long blockNr) {
    pending.forget(this, caches, blockNr);
  }

  /** The superblock as it is now. */
  Superblock superblock() {
    return superblock;
  }

  /** The superblock has been changed. */
  void setSuperblock(Superblock changed) {
    superblock = changed;
  }

  Geometry geometry() {
    return geometry;
  }

  Checksums checksums() {
    return checksums;
  }

  Caches caches() {
    return caches;
  }

  int[] hashSeed() {
    return hashSeed;
  }

  boolean hasDirectoryIndex() {
    return hasDirectoryIndex;
  }

  boolean hasFileTypes() {
    return hasFileTypes;
  }

  /**
   * A block of metadata, read or remembered.
   *
   * @param blockNr one that the {@link Geometry} holds
   */
  MetadataBlock block(long blockNr) throws IOException {
    MetadataBlock known = known(blockNr);
    return known != null ? known : readAhead(blockNr, 1)[0];
  }

  /** Reads consecutive blocks of metadata at one go, and remembers them. */
  MetadataBlock[] readAhead(long blockNr, int blockCount) throws IOException {
    if (!isWritable()) {
      return readPlaces(blockNr, blockCount);
    }
    pending.reading().lock();
    try {
      return readPlaces(blockNr, blockCount);
    } finally {
      pending.reading().unlock();
    }
  }

  private MetadataBlock[] readPlaces(long blockNr, int blockCount) throws IOException {
    int blockBytes = geometry.blockBytes();
    ByteBuffer bytes = ByteBuffer.allocate(blockCount * blockBytes);
    device.read(blockNr * blockBytes, bytes);
    MetadataBlock[] blocks = new MetadataBlock[blockCount];
    for (int i = 0; i < blockCount; i++) {
      MetadataBlock known = known(blockNr + i);
      blocks[i] = known != null ? known : remember(blockNr + i, bytes.array(), i * blockBytes);
    }
    return blocks;
  }

  private MetadataBlock remember(long blockNr, byte[] bytes, int from) {
    byte[] one = Arrays.copyOfRange(bytes, from, from + geometry.blockBytes());
    MetadataBlock block =
        new MetadataBlock(blockNr, ByteBuffer.wrap(one).order(ByteOrder.LITTLE_ENDIAN));
    caches.blocks().put(new Caches.Key(this, blockNr), block);
    return block;
  }

  /** A block of metadata, if it is remembered: its newest image. */
  @Nullable MetadataBlock known(long blockNr) {
    MetadataBlock newest = pending.newest(blockNr);
    return newest != null ? newest : caches.blocks().getIfPresent(new Caches.Key(this, blockNr));
  }
}
