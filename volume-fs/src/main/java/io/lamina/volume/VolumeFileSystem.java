package io.lamina.volume;

import io.lamina.block.BlockDevice;
import io.lamina.block.WritableDevice;
import io.lamina.ext4.Ext4;
import io.lamina.ext4.WriteOptions;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.Superblock;
import io.lamina.fs.FileTree;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out what file system a volume holds, and opens it. */
public final class VolumeFileSystem {
  private static final int EXT2_INCOMPATIBLE =
      Feature.FILETYPE.bit() | Feature.META_BG.bit() | Feature.NEEDS_RECOVERY.bit();
  private static final int EXT2_READ_ONLY =
      Feature.SPARSE_SUPER.bit() | Feature.LARGE_FILE.bit() | 0x4;
  private static final int MAX_LOG_BLOCK_SIZE = 6;

  private VolumeFileSystem() {}

  /**
   * What a volume says that it holds. Nothing is verified.
   *
   * @return empty where nothing known is found
   */
  public static Optional<FileSystemInfo> probe(BlockDevice device) throws IOException {
    Head head = Head.of(device);
    Superblock superblock = superblock(head);
    return superblock == null ? Magics.find(head) : Optional.of(info(superblock));
  }

  /**
   * Opens the file system of a volume, to be read.
   *
   * @param device what holds it; closed with the tree, and only then
   * @throws UnsupportedException when it is none that can be read; the message says what was found
   */
  public static FileTree open(BlockDevice device) throws IOException {
    Head head = Head.of(device);
    if (superblock(head) != null) {
      return Ext4.open(device);
    }
    Optional<FileSystemInfo> found = Magics.find(head);
    if (found.isPresent()) {
      throw new UnsupportedException(
          found.get().kind()
              + ": not a file system that can be read here; ext2, ext3 and ext4 are");
    }
    throw new UnsupportedException(
        head.isZero() ? "empty: no file system was made here" : "no known file system found");
  }

  /**
   * Opens the file system of a volume for writing. One that can be read but not written without
   * harm is opened for reading: it is not {@link FileTree#isWritable}, and an {@link Ext4} tells
   * why by {@link Ext4#readOnlyReason}.
   *
   * @param device what holds it; closed with the tree, and only then
   * @throws UnsupportedException as {@link #open}
   */
  public static FileTree openWritable(WritableDevice device, WriteOptions options)
      throws IOException {
    return superblock(Head.of(device)) != null ? Ext4.openWritable(device, options) : open(device);
  }

  private static @Nullable Superblock superblock(Head head) {
    ByteBuffer bytes =
        head.buffer(Superblock.OFFSET, Superblock.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return Superblock.isOne(bytes) ? Superblock.unchecked(bytes) : null;
  }

  private static FileSystemInfo info(Superblock superblock) {
    return new FileSystemInfo(
        kind(superblock),
        Head.text(ByteBuffer.wrap(superblock.volumeName())),
        Head.uuid(ByteBuffer.wrap(superblock.uuid())),
        sizeBytes(superblock));
  }

  private static String kind(Superblock superblock) {
    if (superblock.has(Feature.JOURNAL_DEV)) {
      return "jbd";
    }
    int newer =
        (superblock.featureBits(Feature.Kind.INCOMPATIBLE) & ~EXT2_INCOMPATIBLE)
            | (superblock.featureBits(Feature.Kind.READ_ONLY_COMPATIBLE) & ~EXT2_READ_ONLY);
    if (newer != 0) {
      return "ext4";
    }
    return superblock.has(Feature.HAS_JOURNAL) ? "ext3" : "ext2";
  }

  private static long sizeBytes(Superblock superblock) {
    long blocks = superblock.blockCount();
    long log = superblock.logBlockSize();
    if (log > MAX_LOG_BLOCK_SIZE) {
      return 0;
    }
    long blockBytes = 1024L << log;
    return blocks >= 0 && blocks <= Long.MAX_VALUE / blockBytes ? blocks * blockBytes : 0;
  }
}
