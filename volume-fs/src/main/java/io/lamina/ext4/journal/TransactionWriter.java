package io.lamina.ext4.journal;

import io.lamina.block.WritableDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/** Lays transactions out in the log: revoke blocks, descriptor blocks with copies, commit block. */
final class TransactionWriter {
  private static final int BUFFER_BYTES = 1 << 20;

  private final WritableDevice device;
  private final Log log;
  private final Features features;
  private final TagFormat tagFormat;
  private final Checksums checksums;
  private final byte[] uuid;
  private final int blockBytes;
  private final ByteBuffer buffer;
  private long bufferBlockNr;

  TransactionWriter(WritableDevice device, Log log, byte[] uuid) {
    this.device = device;
    this.log = log;
    this.features = log.superblock().features();
    this.blockBytes = log.blockBytes();
    this.tagFormat = TagFormat.of(features, blockBytes);
    this.checksums = new Checksums(log.superblock());
    this.uuid = uuid;
    this.buffer = ByteBuffer.allocate(Math.max(BUFFER_BYTES, blockBytes));
  }

  /** How many blocks of the log a transaction takes. */
  long blocksFor(int imageCount, int revokeCount) {
    int tags = tagFormat.tagsPerBlock();
    int records = RevokeBlock.recordsPerBlock(blockBytes, features);
    long descriptors = (imageCount + tags - 1L) / tags;
    long revokes = (revokeCount + records - 1L) / records;
    return imageCount + descriptors + revokes + 1;
  }

  /**
   * Writes all of a transaction but its commit block.
   *
   * @param start the first block of the log to be taken
   * @return the next one
   */
  long write(int id, long start, List<? extends LogAppender.Image> images, long[] revoked)
      throws IOException {
    buffer.clear();
    long at = writeRevokes(id, start, revoked);
    int perBlock = tagFormat.tagsPerBlock();
    for (int from = 0; from < images.size(); from += perBlock) {
      int to = Math.min(images.size(), from + perBlock);
      at = writeDescribed(id, at, images.subList(from, to));
    }
    drain();
    return at;
  }

  private long writeRevokes(int id, long start, long[] revoked) throws IOException {
    int perBlock = RevokeBlock.recordsPerBlock(blockBytes, features);
    long at = start;
    for (int from = 0; from < revoked.length; from += perBlock) {
      ByteBuffer block = ByteBuffer.allocate(blockBytes);
      LogHeader.write(block, LogHeader.REVOKE, id);
      RevokeBlock.write(block, revoked, from, Math.min(revoked.length, from + perBlock), features);
      checksums.sealTail(block);
      at = put(at, block);
    }
    return at;
  }

  private long writeDescribed(int id, long start, List<? extends LogAppender.Image> images)
      throws IOException {
    ByteBuffer descriptor = ByteBuffer.allocate(blockBytes);
    LogHeader.write(descriptor, LogHeader.DESCRIPTOR, id);
    ByteBuffer[] copies = new ByteBuffer[images.size()];
    for (int i = 0; i < copies.length; i++) {
      ByteBuffer bytes = images.get(i).bytes();
      boolean escaped = LogHeader.read(bytes).magic() == LogHeader.MAGIC;
      copies[i] = escaped ? escapedCopy(bytes) : bytes;
      Tag tag = new Tag(images.get(i).blockNr(), escaped, checksums.ofCopy(copies[i], id));
      tagFormat.put(descriptor, i, tag, i == copies.length - 1, uuid);
    }
    checksums.sealTail(descriptor);
    long at = put(start, descriptor);
    for (ByteBuffer copy : copies) {
      at = put(at, copy);
    }
    return at;
  }

  /** A block that would be taken for one of the log's own has its first four bytes cleared. */
  private ByteBuffer escapedCopy(ByteBuffer bytes) {
    ByteBuffer copy = ByteBuffer.allocate(blockBytes);
    copy.put(0, bytes, 0, blockBytes);
    copy.putInt(0, 0);
    return copy;
  }

  /** Writes the commit block. */
  long writeCommit(int id, long at) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(blockBytes);
    LogHeader.write(block, LogHeader.COMMIT, id);
    Instant now = Instant.now();
    CommitBlock.write(block, now.getEpochSecond(), now.getNano());
    checksums.sealCommit(block);
    long next = put(at, block);
    drain();
    return next;
  }

  /** Takes a block in, to be written together with its neighbours. */
  private long put(long logBlock, ByteBuffer block) throws IOException {
    long blockNr = log.blockNr(logBlock);
    boolean follows = blockNr == bufferBlockNr + buffer.position() / blockBytes;
    if (buffer.position() > 0 && (!follows || buffer.remaining() < blockBytes)) {
      drain();
    }
    if (buffer.position() == 0) {
      bufferBlockNr = blockNr;
    }
    buffer.put(block.duplicate().clear());
    return logBlock + 1 == log.superblock().lastBlock()
        ? log.superblock().firstBlock()
        : logBlock + 1;
  }

  private void drain() throws IOException {
    if (buffer.position() > 0) {
      device.write(bufferBlockNr * blockBytes, buffer.flip());
    }
    buffer.clear();
  }
}
