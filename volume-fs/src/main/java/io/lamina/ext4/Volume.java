package io.lamina.ext4;

import io.lamina.block.BlockDevice;
import io.lamina.ext4.format.Checksums;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.Superblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A volume and what holds for all of it. Two are equal only when they are the same object: it is
 * part of the caches' keys.
 */
final class Volume {
  private final BlockDevice device;
  private final Superblock superblock;
  private final Geometry geometry;
  private final Checksums checksums;
  private final Caches caches;
  private final int[] hashSeed;
  private final boolean hasDirectoryIndex;
  private final boolean hasFileTypes;
  private final Changes changes;

  Volume(BlockDevice device, Superblock superblock, Geometry geometry) {
    this(device, superblock, geometry, Changes.NONE);
  }

  private Volume(BlockDevice device, Superblock superblock, Geometry geometry, Changes changes) {
    this.changes = changes;
    this.device = device;
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
    if (device.size() < Superblock.OFFSET + Superblock.BYTES) {
      throw new IOException(
          device.name() + ": " + device.size() + " bytes are too short for an ext4 file system");
    }
    ByteBuffer bytes = ByteBuffer.allocate(Superblock.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    device.read(Superblock.OFFSET, bytes);
    Superblock superblock = Superblock.of(bytes);
    return new Volume(device, superblock, Geometry.of(superblock, device.size()));
  }

  /** The same volume with changes laid over it. */
  Volume with(Changes laidOver) {
    return new Volume(device, superblock, geometry, laidOver);
  }

  /** What is laid over the volume's blocks. */
  Changes changes() {
    return changes;
  }

  BlockDevice device() {
    return device;
  }

  Superblock superblock() {
    return superblock;
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
    int blockBytes = geometry.blockBytes();
    ByteBuffer bytes = ByteBuffer.allocate(blockCount * blockBytes);
    device.read(blockNr * blockBytes, bytes);
    MetadataBlock[] blocks = new MetadataBlock[blockCount];
    for (int i = 0; i < blockCount; i++) {
      byte[] one = Arrays.copyOfRange(bytes.array(), i * blockBytes, (i + 1) * blockBytes);
      blocks[i] =
          new MetadataBlock(blockNr + i, ByteBuffer.wrap(one).order(ByteOrder.LITTLE_ENDIAN));
      caches.blocks().put(new Caches.Key(this, blockNr + i), blocks[i]);
    }
    return blocks;
  }

  /** A block of metadata, if it is remembered. */
  @Nullable MetadataBlock known(long blockNr) {
    return caches.blocks().getIfPresent(new Caches.Key(this, blockNr));
  }
}
