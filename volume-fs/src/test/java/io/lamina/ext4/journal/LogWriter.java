package io.lamina.ext4.journal;

import io.lamina.ondisk.Crc32c;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/** Writes a log as the kernel would, and as nobody would. */
final class LogWriter implements LogMap {
  static final int CHECKSUM_V1 = 0x1;
  static final int BLOCKS_64 = 0x2;
  static final int ASYNC = 0x4;
  static final int V2 = 0x8;
  static final int V3 = 0x10;
  static final int FAST_COMMIT = 0x20;

  private static final int MAGIC = 0xc03b3998;

  final MemoryImage image;
  final int blockBytes;
  final int logStart;
  final int logBlocks;
  final int compatible;
  final int incompatible;
  private final Random random;
  private final byte[] uuid = new byte[16];

  int fastCommitBlocks;
  int position = 1;
  int transactionId = 1;
  long seconds = 1000;
  private int crc32 = ~0;

  LogWriter(
      MemoryImage image,
      int blockBytes,
      int logBlocks,
      int compatible,
      int incompatible,
      Random random) {
    this.image = image;
    this.blockBytes = blockBytes;
    this.logBlocks = logBlocks;
    this.logStart = (int) (image.size() / blockBytes) - logBlocks;
    this.compatible = compatible;
    this.incompatible = incompatible;
    this.random = random;
    random.nextBytes(uuid);
  }

  @Override
  public long blockCount() {
    return logBlocks;
  }

  /** The log lies backwards in the volume, so that no two of its blocks follow each other. */
  @Override
  public long blockNr(long logBlock) {
    return logStart + logBlocks - 1 - logBlock;
  }

  int ringEnd() {
    return logBlocks - fastCommitBlocks;
  }

  boolean blockChecksums() {
    return (incompatible & (V2 | V3)) != 0;
  }

  void superblock(int start, int firstTransactionId) {
    ByteBuffer block = ByteBuffer.allocate(blockBytes);
    block.putInt(MAGIC).putInt(4).putInt(0).putInt(blockBytes).putInt(logBlocks).putInt(1);
    block.putInt(firstTransactionId).putInt(start).putInt(0);
    block.putInt(compatible).putInt(incompatible).putInt(0).put(uuid);
    block.put(80, (byte) (blockChecksums() ? 4 : 0)).putInt(84, fastCommitBlocks);
    put(0, block);
    sealSuperblock();
  }

  void sealSuperblock() {
    ByteBuffer block = at(0);
    block.putInt(252, 0);
    if (blockChecksums()) {
      block.putInt(252, Crc32c.of(~0, block, 0, 1024));
    }
  }

  void descriptor(List<Long> blocks, List<byte[]> contents) {
    ByteBuffer block = ByteBuffer.allocate(blockBytes);
    header(block, 1);
    int[] logged = new int[blocks.size()];
    int at = position;
    for (int i = 0; i < logged.length; i++) {
      at = at + 1 == ringEnd() ? 1 : at + 1;
      logged[i] = at;
    }
    for (int i = 0; i < logged.length; i++) {
      ByteBuffer copy = ByteBuffer.wrap(contents.get(i).clone());
      boolean escaped = copy.getInt(0) == MAGIC;
      if (escaped) {
        copy.putInt(0, 0);
      }
      put(logged[i], copy);
      boolean sameUuid = i > 0 && random.nextInt(4) != 0;
      boolean last = i == logged.length - 1;
      int flags = (escaped ? 1 : 0) | (sameUuid ? 2 : 0) | (last ? 8 : 0);
      tag(block, blocks.get(i), flags, copy);
      if (!sameUuid) {
        block.put(uuid);
      }
    }
    sealTail(block);
    crc32 = Crc32Be.of(crc32, block);
    put(position, block);
    for (int loggedAt : logged) {
      crc32 = Crc32Be.of(crc32, copyOf(loggedAt));
    }
    position = at;
    advance();
  }

  private ByteBuffer copyOf(int logBlock) {
    ByteBuffer copy = ByteBuffer.allocate(blockBytes);
    copy.put(0, image.bytes, (int) blockNr(logBlock) * blockBytes, blockBytes);
    return copy;
  }

  private void tag(ByteBuffer block, long blockNr, int flags, ByteBuffer copy) {
    ByteBuffer id = ByteBuffer.allocate(4).putInt(0, transactionId);
    int sum = Crc32c.of(Crc32c.of(seed(), id, 0, 4), copy, 0, blockBytes);
    int high = (incompatible & BLOCKS_64) != 0 ? (int) (blockNr >>> 32) : 0;
    block.putInt((int) blockNr);
    if ((incompatible & V3) != 0) {
      block.putInt(flags).putInt(high).putInt(sum);
      return;
    }
    block.putShort((short) ((incompatible & V2) != 0 ? sum : 0)).putShort((short) flags);
    if ((incompatible & BLOCKS_64) != 0) {
      block.putInt(high);
    }
    if ((incompatible & V2) != 0) {
      block.putShort((short) 0);
    }
  }

  void revoke(List<Long> blocks) {
    ByteBuffer block = ByteBuffer.allocate(blockBytes);
    header(block, 5);
    boolean wide = (incompatible & BLOCKS_64) != 0;
    block.putInt(16 + blocks.size() * (wide ? 8 : 4));
    for (long blockNr : blocks) {
      if (wide) {
        block.putLong(blockNr);
      } else {
        block.putInt((int) blockNr);
      }
    }
    sealTail(block);
    put(position, block);
    advance();
  }

  /** Where the commit block went. */
  int commit() {
    ByteBuffer block = ByteBuffer.allocate(blockBytes);
    header(block, 2);
    block.putLong(48, seconds++);
    if ((compatible & CHECKSUM_V1) != 0) {
      block.put(12, (byte) 1).put(13, (byte) 4).putInt(16, crc32);
    } else if (blockChecksums()) {
      block.putInt(16, Crc32c.of(seed(), block, 0, blockBytes));
    }
    int at = position;
    put(at, block);
    advance();
    transactionId++;
    crc32 = ~0;
    return at;
  }

  /** How many blocks a descriptor block can take whose tags all carry a UUID. */
  int descriptorRoom() {
    return (blockBytes - 12 - 4) / (16 + 16);
  }

  private void header(ByteBuffer block, int type) {
    block.putInt(MAGIC).putInt(type).putInt(transactionId);
  }

  private void sealTail(ByteBuffer block) {
    if (blockChecksums()) {
      block.putInt(blockBytes - 4, 0);
      block.putInt(blockBytes - 4, Crc32c.of(seed(), block, 0, blockBytes));
    }
  }

  private int seed() {
    return Crc32c.of(~0, uuid);
  }

  private void advance() {
    position = position + 1 == ringEnd() ? 1 : position + 1;
  }

  /** A block of the log, to be spoilt. */
  ByteBuffer at(int logBlock) {
    return image.bytes.slice((int) blockNr(logBlock) * blockBytes, blockBytes);
  }

  void put(int logBlock, ByteBuffer block) {
    at(logBlock).put(0, block, 0, blockBytes);
  }
}
