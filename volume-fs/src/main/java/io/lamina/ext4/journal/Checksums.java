package io.lamina.ext4.journal;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Crc32c;
import io.lamina.ondisk.Damage;
import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U32;
import java.nio.ByteBuffer;

/**
 * The checksums of the log's own blocks and of the copies in it, versions 2 and 3: crc32c, starting
 * from that of the journal's UUID. Where the log has none, each block agrees with its own.
 *
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html#descriptor-block">Descriptor
 *     block, block tail</a>
 */
final class Checksums {
  private static final Layout TAIL = Layout.bigEndian("journal block tail");
  private static final U32 TAIL_CHECKSUM = TAIL.u32("t_checksum", 0);

  /** What ends a descriptor block and a revoke block where the log has checksums. */
  static final int TAIL_BYTES = TAIL.size(4);

  private static final byte[] ZERO_FIELD = new byte[Integer.BYTES];

  private final Features features;
  private final int seed;

  Checksums(JournalSuperblock superblock) {
    this.features = superblock.features();
    this.seed = superblock.checksumSeed();
  }

  /** Of bytes 0 to {@code end}, as if the four at {@code fieldOffset} were zero. */
  static int withFieldZeroed(int seed, ByteBuffer block, int end, int fieldOffset) {
    int before = Crc32c.of(seed, block, 0, fieldOffset);
    int field = Crc32c.of(before, ZERO_FIELD);
    return Crc32c.of(field, block, fieldOffset + Integer.BYTES, end);
  }

  /** Whether a descriptor or a revoke block agrees with its tail. */
  boolean agreesWithTail(ByteBuffer block) {
    return !features.blockChecksums() || tail(block) == ofTailed(block);
  }

  /** Checks that a descriptor or a revoke block agrees with its tail. */
  void requireTail(String structure, ByteBuffer block, long blockNr) throws CorruptException {
    if (!agreesWithTail(block)) {
      throw new CorruptException(
          Damage.ofChecksum(structure, blockNr, ofTailed(block), tail(block)));
    }
  }

  /**
   * Whether a commit block agrees with its checksum, as a whole, or else with only zeroes behind
   * its header: after a power cut the rest of it may not have been written.
   */
  boolean agreesWithCommit(ByteBuffer block, CommitBlock commit) {
    if (!features.blockChecksums() || ofCommit(block) == commit.checksum()) {
      return true;
    }
    ByteBuffer headerOnly = ByteBuffer.allocate(block.capacity());
    headerOnly.put(0, block, 0, CommitBlock.BYTES);
    return ofCommit(headerOnly) == commit.checksum();
  }

  int ofCommit(ByteBuffer block) {
    return withFieldZeroed(seed, block, block.capacity(), CommitBlock.CHECKSUM_OFFSET);
  }

  /** Checks a copy against what its tag says of it. */
  void requireCopy(ByteBuffer copy, long copyBlockNr, int transactionId, int expected)
      throws CorruptException {
    if (!features.blockChecksums()) {
      return;
    }
    int found = ofCopy(copy, transactionId);
    if (found != expected) {
      throw new CorruptException(
          Damage.ofChecksum("journal data block", copyBlockNr, expected, found));
    }
  }

  /** What the tag of a copy says of it; 0 where the log has no checksums. */
  int ofCopy(ByteBuffer copy, int transactionId) {
    if (!features.blockChecksums()) {
      return 0;
    }
    int start = Crc32c.ofLittleEndian(seed, Integer.reverseBytes(transactionId));
    int whole = Crc32c.of(start, copy, 0, copy.capacity());
    return features.checksumV3() ? whole : whole & 0xffff;
  }

  /** Puts the checksum into the tail of a descriptor or a revoke block. */
  void sealTail(ByteBuffer block) {
    if (features.blockChecksums()) {
      TAIL_CHECKSUM.put(block, block.capacity() - TAIL_BYTES, ofTailed(block));
    }
  }

  /** Puts the checksum into a commit block. */
  void sealCommit(ByteBuffer block) {
    if (features.blockChecksums()) {
      block.putInt(CommitBlock.CHECKSUM_OFFSET, ofCommit(block)); // big-endian, as all of the log
    }
  }

  private static int tail(ByteBuffer block) {
    return TAIL_CHECKSUM.bits(block, block.capacity() - TAIL_BYTES);
  }

  private int ofTailed(ByteBuffer block) {
    int end = block.capacity();
    return withFieldZeroed(seed, block, end, end - TAIL_BYTES);
  }
}
