package io.lamina.ext4.journal;

import io.lamina.ondisk.Crc32c;
import java.nio.ByteBuffer;

/**
 * The checksums of the log's own blocks and of the copies in it, version 2 and 3: crc32c, starting
 * from the journal's UUID.
 *
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html#descriptor-block">Descriptor
 *     block, block tail</a>
 */
final class Checksums {
  private static final byte[] ZERO_FIELD = new byte[Integer.BYTES];

  private Checksums() {}

  /** Of bytes 0 to {@code end}, as if the four at {@code fieldOffset} were zero. */
  static int withFieldZeroed(int seed, ByteBuffer block, int end, int fieldOffset) {
    int before = Crc32c.of(seed, block, 0, fieldOffset);
    int field = Crc32c.of(before, ZERO_FIELD);
    return Crc32c.of(field, block, fieldOffset + Integer.BYTES, end);
  }
}
