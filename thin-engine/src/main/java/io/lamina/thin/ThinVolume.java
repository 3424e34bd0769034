package io.lamina.thin;

import io.lamina.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A thin device as bytes: mapped blocks are read from the pool's data, the others from the external
 * origin, or as zeroes.
 *
 * <p>Safe for use by many threads; reads take no lock. A run of neighbouring blocks that also lie
 * side by side in the data is one read, straight into the caller's buffer. Closing a volume closes
 * nothing: the pool is what has to be closed.
 */
public sealed class ThinVolume implements BlockDevice permits WritableVolume {
  final int id;
  final String name;
  final Mappings mappings;
  final BlockDevice data;
  final int blockBytes;
  final Origin origin;
  final long size;

  ThinVolume(
      int id,
      String name,
      Mappings mappings,
      BlockDevice data,
      int blockBytes,
      Origin origin,
      long size) {
    this.id = id;
    this.name = name;
    this.mappings = mappings;
    this.data = data;
    this.blockBytes = blockBytes;
    this.origin = origin;
    this.size = size;
  }

  /** Its number in the pool. */
  public int id() {
    return id;
  }

  /**
   * The same volume with another size: the pool's metadata do not hold it, whoever manages the pool
   * knows it. What lies beyond the mapped blocks reads as zeroes, or from the external origin.
   *
   * @param bytes the size, not negative
   */
  public ThinVolume withSize(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("size " + bytes);
    }
    return new ThinVolume(id, name, mappings, data, blockBytes, origin, bytes);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    checkInside(offset, target.remaining());
    long position = offset;
    while (target.hasRemaining()) {
      long blockNr = position / blockBytes;
      long within = position - blockNr * blockBytes;
      long wanted = (within + target.remaining() + blockBytes - 1) / blockBytes;
      MappedRun run = mappings.run(blockNr, wanted);
      int count = (int) Math.min(target.remaining(), run.blockCount() * blockBytes - within);
      readRun(run, position, within, target, count);
      position += count;
    }
  }

  final void checkInside(long offset, long length) throws IOException {
    if (offset < 0 || length < 0 || offset > size - length) {
      throw new IOException(
          name + ": " + length + " bytes at " + offset + " lie beyond its end at " + size);
    }
  }

  private void readRun(MappedRun run, long position, long within, ByteBuffer target, int count)
      throws IOException {
    if (!run.isMapped()) {
      origin.read(position, target, count);
      return;
    }
    int limit = target.limit();
    target.limit(target.position() + count);
    data.read(run.dataBlockNr() * blockBytes + within, target);
    target.limit(limit);
  }

  @Override
  public long nextData(long offset) throws IOException {
    if (offset >= size) {
      return size;
    }
    long blockNr = offset / blockBytes;
    long mapped = mappings.nextMapped(blockNr);
    long inPool = mapped < 0 ? size : Math.max(offset, mapped * blockBytes);
    long inOrigin = origin.nextData(offset);
    return Math.min(size, inOrigin >= origin.size() ? inPool : Math.min(inPool, inOrigin));
  }

  @Override
  public long nextHole(long offset) throws IOException {
    long position = offset;
    while (position < size) {
      long blockNr = position / blockBytes;
      long left = (size - blockNr * blockBytes + blockBytes - 1) / blockBytes;
      MappedRun run = mappings.run(blockNr, left);
      if (run.isMapped()) {
        position = (blockNr + run.blockCount()) * blockBytes;
        continue;
      }
      long hole = origin.nextHole(position);
      if (hole < (blockNr + run.blockCount()) * blockBytes) {
        return Math.min(size, hole);
      }
      position = (blockNr + run.blockCount()) * blockBytes;
    }
    return size;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return name;
  }
}
