package io.lamina.ext4.format;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Blocks of a map in memory; what is read is a copy, so that no change goes unsaid. */
final class MemoryBlocks implements MapBlocks {
  static final long FIRST = 1_000_000_000L;

  private final int blockBytes;
  private final Map<Long, ByteBuffer> blocks = new HashMap<>();
  private final Set<Long> opened = new HashSet<>();
  private long next = FIRST;
  private int roomLeft = Integer.MAX_VALUE;

  MemoryBlocks(int blockBytes) {
    this.blockBytes = blockBytes;
  }

  void setRoomLeft(int count) {
    roomLeft = count;
  }

  Set<Long> inUse() {
    return blocks.keySet();
  }

  /** What has been opened for writing since the last call. */
  Set<Long> takeOpened() {
    Set<Long> taken = new HashSet<>(opened);
    opened.clear();
    taken.retainAll(blocks.keySet());
    return taken;
  }

  ByteBuffer get(long blockNr) {
    ByteBuffer found = blocks.get(blockNr);
    if (found == null) {
      throw new IllegalStateException("block " + blockNr + " is not in use");
    }
    return found;
  }

  @Override
  public ByteBuffer read(long blockNr, int depth) {
    ByteBuffer copy = ByteBuffer.allocate(blockBytes).order(ByteOrder.LITTLE_ENDIAN);
    return copy.put(0, get(blockNr), 0, blockBytes);
  }

  @Override
  public ByteBuffer modify(long blockNr) {
    opened.add(blockNr);
    return get(blockNr);
  }

  @Override
  public long allocate() throws IOException {
    if (roomLeft == 0) {
      throw new FsException(Errno.ENOSPC, "no block left");
    }
    roomLeft--;
    return next++;
  }

  @Override
  public ByteBuffer fresh(long blockNr) {
    opened.add(blockNr);
    blocks.put(blockNr, ByteBuffer.allocate(blockBytes).order(ByteOrder.LITTLE_ENDIAN));
    return get(blockNr);
  }

  @Override
  public void free(long blockNr) {
    get(blockNr);
    blocks.remove(blockNr);
  }
}
