package io.lamina.fs.host;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What {@code statx} tells of a file of the host.
 *
 * @param key which file it is
 */
record HostStat(Key key, Attributes attributes) {
  /** Size of {@code struct statx}. */
  static final int BYTES = 256;

  /**
   * Which file of the host this is. A number is used again after its file is gone, the moment of
   * birth is not; it is 0 where the file system does not keep it.
   */
  record Key(long device, long inodeNr, long bornSeconds, int bornNanos) {}

  /**
   * Reads {@code struct statx}.
   *
   * @see <a href="https://man7.org/linux/man-pages/man2/statx.2.html">statx(2)</a>
   */
  static HostStat parse(ByteBuffer statx) throws IOException {
    int mode = statx.getShort(28) & 0xffff;
    long inodeNr = statx.getLong(32);
    long device = ((long) statx.getInt(136) << 32) | (statx.getInt(140) & 0xffff_ffffL);
    Attributes attributes =
        new Attributes(
            inodeNr,
            type(mode),
            mode & ~FileType.MODE_MASK,
            statx.getInt(16),
            statx.getInt(20) & 0xffff_ffffL,
            statx.getInt(24) & 0xffff_ffffL,
            statx.getLong(40),
            statx.getLong(48),
            statx.getInt(128),
            statx.getInt(132),
            time(statx, 64),
            time(statx, 112),
            time(statx, 96));
    return new HostStat(new Key(device, inodeNr, statx.getLong(80), statx.getInt(88)), attributes);
  }

  private static Timestamp time(ByteBuffer statx, int at) {
    return new Timestamp(statx.getLong(at), statx.getInt(at + 8));
  }

  private static FileType type(int mode) throws IOException {
    int bits = mode & FileType.MODE_MASK;
    for (FileType type : FileType.values()) {
      if (type.modeBits() == bits) {
        return type;
      }
    }
    throw new IOException("a file of unknown type: mode 0" + Integer.toOctalString(mode));
  }
}
