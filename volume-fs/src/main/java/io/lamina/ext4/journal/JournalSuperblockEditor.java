package io.lamina.ext4.journal;

import io.lamina.block.WritableDevice;
import io.lamina.ondisk.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Changes block 0 of a log. */
final class JournalSuperblockEditor {
  private static final int CHECKSUM_TYPE_CRC32C = 4;

  private final ByteBuffer bytes;
  private final long offset;

  private JournalSuperblockEditor(ByteBuffer bytes, long offset) {
    this.bytes = bytes;
    this.offset = offset;
  }

  static JournalSuperblockEditor read(WritableDevice device, Log log) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(JournalSuperblock.BYTES);
    long offset = log.blockNr(0) * log.blockBytes();
    device.read(offset, bytes);
    return new JournalSuperblockEditor(bytes, offset);
  }

  /**
   * Announces what the kernel would for such a volume; nothing may lie in the log. One of version
   * 1, which cannot announce anything, becomes one of version 2.
   */
  void announce(boolean has64Bits, boolean hasChecksums) {
    if (LogHeader.read(bytes).type() != LogHeader.SUPERBLOCK_V2) {
      bytes.putInt(LogHeader.TYPE_OFFSET, LogHeader.SUPERBLOCK_V2);
      bytes.put(JournalSuperblock.V1_BYTES, new byte[bytes.limit() - JournalSuperblock.V1_BYTES]);
      JournalSuperblock.NR_USERS.put(bytes, 0, 1);
    }
    Features next = features().forWriting(has64Bits, hasChecksums);
    JournalSuperblock.FEATURE_COMPAT.put(bytes, 0, next.compatible());
    JournalSuperblock.FEATURE_INCOMPAT.put(bytes, 0, next.incompatible());
    JournalSuperblock.CHECKSUM_TYPE.put(bytes, 0, hasChecksums ? CHECKSUM_TYPE_CRC32C : 0);
  }

  private Features features() {
    return LogHeader.read(bytes).type() == LogHeader.SUPERBLOCK_V2
        ? new Features(
            JournalSuperblock.FEATURE_COMPAT.bits(bytes, 0),
            JournalSuperblock.FEATURE_INCOMPAT.bits(bytes, 0),
            0)
        : Features.NONE;
  }

  byte[] uuid() {
    return JournalSuperblock.UUID.get(bytes, 0);
  }

  /**
   * Sets where the oldest transaction starts.
   *
   * @param startBlock a block of the log, 0 for none
   */
  void setTail(long startBlock, int transactionId) {
    JournalSuperblock.START.put(bytes, 0, startBlock);
    JournalSuperblock.SEQUENCE.put(bytes, 0, transactionId);
  }

  void setErrno(int errno) {
    JournalSuperblock.ERRNO.put(bytes, 0, -errno);
  }

  /** The block with its checksum, as it goes to the disk. */
  ByteBuffer sealed() {
    if (features().blockChecksums()) {
      int checksum =
          Checksums.withFieldZeroed(
              Crc32c.ALL_ONES, bytes, JournalSuperblock.BYTES, JournalSuperblock.CHECKSUM_OFFSET);
      JournalSuperblock.CHECKSUM.put(bytes, 0, checksum);
    }
    return bytes.duplicate().clear();
  }

  void write(WritableDevice device) throws IOException {
    device.write(offset, sealed());
  }
}
