package io.lamina.ext4;

import io.lamina.ext4.format.Site;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The content of a file that lies in blocks. Runs of the file are read from the device straight
 * into the caller's buffer; what is not stored is zeroed there.
 */
final class MappedFile implements OpenFile {
  private static final byte[] ZEROES = new byte[1 << 14];

  private final Volume volume;
  private final Inode inode;
  private final BlockMap map;
  private final int blockBytes;

  MappedFile(Volume volume, Inode inode) throws IOException {
    this.volume = volume;
    this.inode = inode;
    this.map = BlockMap.of(volume, inode);
    this.blockBytes = volume.geometry().blockBytes();
  }

  @Override
  public long size() {
    return inode.size();
  }

  @Override
  public int read(long offset, ByteBuffer target) throws IOException {
    requireOffset(offset);
    int length = (int) Math.min(target.remaining(), Math.max(0, size() - offset));
    int end = target.position() + length;
    int limit = target.limit();
    long at = offset;
    try {
      while (target.position() < end) {
        Run run = map.at(at / blockBytes);
        int inBlock = (int) (at % blockBytes);
        int bytes = (int) bytesOf(run, inBlock, end - target.position());
        if (run.isHole()) {
          putZeroes(target, bytes);
        } else {
          target.limit(target.position() + bytes);
          volume.device().read(run.blockNr() * blockBytes + inBlock, target);
          target.limit(limit);
        }
        at += bytes;
      }
    } finally {
      target.limit(limit);
    }
    return length;
  }

  /** Bytes of a run behind the first {@code skipped} ones, at the most {@code most}. */
  private long bytesOf(Run run, int skipped, long most) {
    boolean isLonger = run.blockCount() > most / blockBytes + 1;
    return isLonger ? most : Math.min(most, run.blockCount() * blockBytes - skipped);
  }

  private static void putZeroes(ByteBuffer target, int byteCount) {
    for (int left = byteCount; left > 0; left -= ZEROES.length) {
      target.put(ZEROES, 0, Math.min(left, ZEROES.length));
    }
  }

  @Override
  public long nextData(long offset) throws IOException {
    return next(offset, false);
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return next(offset, true);
  }

  /**
   * The start of the next run that is a hole, or is none. A file cannot have more runs than the
   * volume has blocks, nor twice as many holes: one that seems to is damaged.
   */
  private long next(long offset, boolean hole) throws IOException {
    requireOffset(offset);
    long at = offset;
    long most = 2 * volume.geometry().blockCount() + 2;
    for (long runs = 0; at < size(); runs++) {
      Run run = map.at(at / blockBytes);
      if (run.isHole() == hole) {
        return at;
      }
      if (runs > most) {
        Site site = inode.site();
        throw site.damage("runs of blocks", "at most " + most, runs);
      }
      at += bytesOf(run, (int) (at % blockBytes), size() - at);
    }
    return size();
  }

  private void requireOffset(long offset) throws FsException {
    if (offset < 0) {
      throw new FsException(Errno.EINVAL, "offset " + offset);
    }
  }

  @Override
  public void close() {
    // Nothing is held: the device belongs to the tree.
  }
}
