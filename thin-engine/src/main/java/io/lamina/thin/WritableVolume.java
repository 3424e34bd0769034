package io.lamina.thin;

import io.lamina.block.OutOfSpaceException;
import io.lamina.block.WritableDevice;
import io.lamina.block.Zeroes;
import io.lamina.persist.space.BlockRun;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A thin device that is written to. A write to an unmapped block takes a new data block; one to a
 * block that a snapshot may hold too takes a new block and copies the rest; all others go where the
 * data lie. Room is taken before a write returns: it never fails for want of it later.
 */
public final class WritableVolume extends ThinVolume implements WritableDevice {
  private static final int MAX_RUN_BYTES = 8 << 20;
  private static final int CHUNK_BYTES = 1 << 18;

  /** What a partly written block is put together in: making one anew costs as much as the copy. */
  private static final ThreadLocal<ByteBuffer> CHUNK =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(CHUNK_BYTES));

  private final WritablePool pool;
  private final VolumeState state;

  /** Data blocks that are left to others. */
  private final long keptBlocks;

  WritableVolume(WritablePool pool, VolumeState state, String name, Origin origin, long size) {
    this(pool, state, name, origin, size, 0);
  }

  private WritableVolume(
      WritablePool pool,
      VolumeState state,
      String name,
      Origin origin,
      long size,
      long keptBlocks) {
    super(
        state.id(), name, state.mappings(), pool.dataWriter(), pool.dataBlockBytes(), origin, size);
    this.pool = pool;
    this.state = state;
    this.keptBlocks = keptBlocks;
  }

  VolumeState state() {
    return state;
  }

  @Override
  public WritableVolume withSize(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("size " + bytes);
    }
    return new WritableVolume(pool, state, name, origin, bytes, keptBlocks);
  }

  @Override
  public WritableVolume keeping(long bytes) {
    long blocks = (bytes + blockBytes - 1) / blockBytes;
    return new WritableVolume(pool, state, name, origin, size, blocks);
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    int phase = pool.readers().enter();
    try {
      state.checkAlive();
      super.read(offset, target);
    } finally {
      pool.readers().leave(phase);
    }
  }

  @Override
  public void write(long offset, ByteBuffer source) throws IOException {
    checkInside(offset, source.remaining());
    long end = offset + source.remaining();
    long deadline = System.nanoTime() + pool.options().noSpaceTimeout().toNanos();
    while (source.hasRemaining()) {
      try {
        writeWhileThereIsRoom(end - source.remaining(), source);
      } catch (OutOfSpaceException e) {
        if (System.nanoTime() - deadline >= 0) {
          throw e;
        }
        pool.space().await(deadline, keptBlocks);
      }
    }
  }

  private void writeWhileThereIsRoom(long offset, ByteBuffer source) throws IOException {
    state.shared().lock();
    try {
      state.checkAlive();
      long position = offset;
      while (source.hasRemaining()) {
        position += writeSome(position, source);
      }
    } finally {
      state.shared().unlock();
    }
  }

  private int writeSome(long position, ByteBuffer source) throws IOException {
    MappedRun run = run(position, source.remaining());
    if (isOurs(run)) {
      return overwrite(run, position, source);
    }
    state.provisioning().lock();
    try {
      MappedRun now = run(position, source.remaining()); // another writer may have been first
      return isOurs(now) ? overwrite(now, position, source) : provision(now, position, source);
    } finally {
      state.provisioning().unlock();
    }
  }

  private static boolean isOurs(MappedRun run) {
    return run.isMapped() && !run.isShared();
  }

  private MappedRun run(long position, int length) throws IOException {
    long blockNr = position / blockBytes;
    long within = position - blockNr * blockBytes;
    return mappings.run(
        blockNr, (within + length + blockBytes - 1) / blockBytes, state.snapshottedTime());
  }

  private int overwrite(MappedRun run, long position, ByteBuffer source) throws IOException {
    long within = position % blockBytes;
    int count = (int) Math.min(source.remaining(), run.blockCount() * blockBytes - within);
    writeData(run.dataBlockNr() * blockBytes + within, source, count);
    return count;
  }

  private void writeData(long dataOffset, ByteBuffer source, int count) throws IOException {
    int limit = source.limit();
    source.limit(source.position() + count);
    pool.dataWriter().write(dataOffset, source);
    pool.noteDataWritten(); // after it: a flush that begins in between owes nothing to this write
    source.limit(limit);
  }

  /** Whole blocks together, as many as lie side by side; else the one block that is written to. */
  private int provision(MappedRun run, long position, ByteBuffer source) throws IOException {
    long within = position % blockBytes;
    long whole =
        Math.min(run.blockCount(), Math.min(source.remaining(), MAX_RUN_BYTES) / (long) blockBytes);
    if (within == 0 && source.remaining() >= blockBytes) {
      BlockRun blocks = pool.space().reserve((int) Math.max(1, whole), keptBlocks);
      int count = (int) blocks.count() * blockBytes;
      filled(position / blockBytes, blocks, () -> writeData(dataOffset(blocks), source, count));
      return count;
    }
    int count = (int) Math.min(source.remaining(), blockBytes - within);
    BlockRun block = pool.space().reserve(1, keptBlocks);
    filled(
        position / blockBytes,
        block,
        () -> writeAround(run, dataOffset(block), position, source, count));
    return count;
  }

  private long dataOffset(BlockRun blocks) {
    return blocks.first() * blockBytes;
  }

  /** Something that writes the data of reserved blocks. */
  private interface Fill {
    void write() throws IOException;
  }

  private void filled(long virtualBlockNr, BlockRun blocks, Fill fill) throws IOException {
    int phase = pool.readers().enter(); // the original of a copy stays what it is
    boolean done = false;
    try {
      fill.write();
      pool.noteDataWritten();
      done = true;
    } finally {
      pool.readers().leave(phase);
      if (!done) {
        pool.space().cancel(blocks);
      }
    }
    pool.map(state, virtualBlockNr, blocks);
  }

  /** A part of a new block is written; the rest of it is what was there before. */
  private void writeAround(
      MappedRun run, long dataOffset, long position, ByteBuffer source, int count)
      throws IOException {
    long within = position % blockBytes;
    boolean blank = !run.isMapped() && origin.size() <= position - within;
    if (blank && pool.options().skipBlockZeroing()) {
      writeData(dataOffset + within, source, count);
      return;
    }
    ByteBuffer chunk = CHUNK.get();
    for (long start = 0; start < blockBytes; start += CHUNK_BYTES) {
      int length = (int) Math.min(CHUNK_BYTES, blockBytes - start);
      chunk.clear().limit(length);
      long from = Math.max(within, start);
      long to = Math.min(within + count, start + length);
      if (from > start || to < start + length) {
        readOld(run, position - within + start, start, chunk, length);
      }
      if (from < to) {
        chunk.limit(length).position((int) (from - start));
        ByteBuffer part = source.duplicate();
        part.limit(part.position() + (int) (to - from));
        chunk.put(part);
        source.position(part.position());
      }
      chunk.clear().limit(length);
      pool.dataWriter().write(dataOffset + start, chunk);
    }
  }

  private void readOld(MappedRun run, long position, long within, ByteBuffer chunk, int length)
      throws IOException {
    if (run.isMapped()) {
      data.read(run.dataBlockNr() * blockBytes + within, chunk);
    } else {
      origin.read(position, chunk, length);
    }
  }

  /**
   * Takes room for a range ahead of time: writes there need no more of it until the next snapshot.
   * What is read stays the same.
   */
  public void provision(long offset, long length) throws IOException {
    checkInside(offset, length);
    state.shared().lock();
    try {
      state.checkAlive();
      long position = offset / blockBytes * blockBytes;
      while (position < offset + length) {
        position += provisionSome(position, offset + length - position);
      }
    } finally {
      state.shared().unlock();
    }
  }

  private long provisionSome(long position, long length) throws IOException {
    state.provisioning().lock();
    try {
      MappedRun run = run(position, (int) Math.min(length, MAX_RUN_BYTES));
      if (isOurs(run)) {
        return run.blockCount() * blockBytes;
      }
      int unused = provision(run, position, ByteBuffer.allocate(0)); // all of it is what was there
      return blockBytes;
    } finally {
      state.provisioning().unlock();
    }
  }

  /** Commits the pool: after that, all that was written survives a power cut. */
  @Override
  public void flush() throws IOException {
    pool.flush();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    checkInside(offset, length);
    if (pool.options().discard() == WriteOptions.Discard.IGNORE) {
      return;
    }
    unmap(firstWhole(offset), lastWhole(offset + length));
  }

  @Override
  public int discardUnitBytes() {
    return blockBytes;
  }

  @Override
  public boolean zeroesNewUnits() {
    return !pool.options().skipBlockZeroing();
  }

  @Override
  public long roomBytes() {
    return pool.roomBlocks() * blockBytes;
  }

  private long firstWhole(long offset) {
    return (offset + blockBytes - 1) / blockBytes;
  }

  /** Rounded down; a last block that the volume has only in part counts as whole. */
  private long lastWhole(long end) {
    return end == size ? (end + blockBytes - 1) / blockBytes : end / blockBytes;
  }

  private void unmap(long start, long end) throws IOException {
    if (start >= end) {
      return;
    }
    state.exclusive().lock();
    try {
      state.checkAlive();
      pool.unmap(state, start, end);
    } finally {
      state.exclusive().unlock();
    }
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    checkInside(offset, length);
    if (origin.size() > offset) {
      Zeroes.write(this, offset, length); // unmapping would show the origin again
      return;
    }
    long end = offset + length;
    long first = firstWhole(offset);
    long last = lastWhole(end);
    zeroMapped(offset, Math.min(first * blockBytes, end));
    unmap(first, last);
    zeroMapped(Math.max(first, last) * blockBytes, end);
  }

  /** A ragged edge: within one block, which reads as zeroes already where it is not mapped. */
  private void zeroMapped(long start, long end) throws IOException {
    if (end > start && mappings.run(start / blockBytes, 1).isMapped()) {
      Zeroes.write(this, start, end - start);
    }
  }
}
