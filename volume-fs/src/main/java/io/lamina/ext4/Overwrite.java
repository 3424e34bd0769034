package io.lamina.ext4;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes over what a file has stored, in place: nothing of its metadata changes. */
final class Overwrite {
  private final Volume volume;
  private final WritableInode inode;
  private final BlockMap map;
  private final int blockBytes;

  /** The caller has the file's lock, read or write. */
  Overwrite(Volume volume, WritableInode inode) throws IOException {
    this.volume = volume;
    this.inode = inode;
    this.map = BlockMap.of(volume, inode.inode());
    this.blockBytes = volume.geometry().blockBytes();
  }

  /**
   * Writes the rest of a buffer, if all of its range is stored.
   *
   * @return whether it was, and has been written
   */
  boolean write(long offset, ByteBuffer source) throws IOException {
    long end = offset + source.remaining();
    for (long at = offset; at < end; ) {
      Run run = map.at(at / blockBytes);
      if (!run.isWritten()) {
        return false;
      }
      at = (at / blockBytes + run.blockCount()) * blockBytes;
    }
    long start = offset - source.position();
    while (source.hasRemaining()) {
      long at = start + source.position();
      writeRun(map.at(at / blockBytes), (int) (at % blockBytes), source);
    }
    return true;
  }

  /** Writes as much as a run of stored blocks holds. */
  void writeRun(Run run, int inBlock, ByteBuffer source) throws IOException {
    int count = (int) Math.min(source.remaining(), run.blockCount() * blockBytes - inBlock);
    inode.setOverwritten(true);
    try {
      volume
          .content()
          .write(run.blockNr() * blockBytes + inBlock, source.slice(source.position(), count));
    } catch (IOException e) {
      throw FileSpace.asPosix(e);
    }
    source.position(source.position() + count);
  }
}
