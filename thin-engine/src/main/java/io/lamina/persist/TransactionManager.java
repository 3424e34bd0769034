package io.lamina.persist;

import io.lamina.block.WritableDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that a transaction changes. A committed block is never written over: it is copied to a
 * free place first, once a transaction, and the copy is changed. That holds from {@link #freeze}
 * on, so that the next transaction goes on while the blocks of the frozen one are written.
 *
 * <p>Changes are for one thread at a time; {@link #read} is safe beside them, but sees single
 * blocks only: who follows pointers from one to the next keeps changes away meanwhile.
 */
public final class TransactionManager implements BlockReader {
  private final BlockManager blocks;
  private final WritableDevice device;
  private final SpaceMap space;
  private volatile Map<Long, Changed<?>> changed = new ConcurrentHashMap<>();

  /**
   * The blocks of the frozen transaction, until they are on disk. They are not changed any more.
   */
  private volatile Map<Long, Changed<?>> frozen = Map.of();

  /** A block of this transaction; {@code decoded} is for readers, who may keep it. */
  private static final class Changed<T> {
    final BlockType<T> type;
    final byte[] array;
    final ByteBuffer bytes;
    private volatile @Nullable T decoded;

    Changed(BlockType<T> type, byte[] array) {
      this.type = type;
      this.array = array;
      this.bytes = ByteBuffer.wrap(array);
    }

    T decoded(long blockNr) throws IOException {
      T known = decoded;
      if (known == null) {
        T live = type.decodeOwn(blockNr, ByteBuffer.wrap(array));
        known =
            type.isPassedBy(live) ? live : type.decodeOwn(blockNr, ByteBuffer.wrap(array.clone()));
        decoded = known;
      }
      return known;
    }
  }

  /** A transaction on a device, whose free blocks a space map knows. */
  public TransactionManager(BlockManager blocks, WritableDevice device, SpaceMap space) {
    this.blocks = blocks;
    this.device = device;
    this.space = space;
  }

  @Override
  public long blockCount() {
    return blocks.blockCount();
  }

  @Override
  public <T> T read(long blockNr, BlockType<T> type) throws IOException {
    @Nullable T mine = decoded(blockNr, type);
    return mine != null ? mine : blocks.read(blockNr, type);
  }

  /** The same, of a block that is not going to be looked at again: it takes nobody's place. */
  public <T> T readOnce(long blockNr, BlockType<T> type) throws IOException {
    @Nullable T mine = decoded(blockNr, type);
    return mine != null ? mine : blocks.readOnce(blockNr, type);
  }

  @SuppressWarnings("unchecked") // compared with the type that it was made with
  private <T> @Nullable T decoded(long blockNr, BlockType<T> type) throws IOException {
    Changed<?> known = known(blockNr);
    return known != null && known.type == type ? ((Changed<T>) known).decoded(blockNr) : null;
  }

  private @Nullable Changed<?> known(long blockNr) {
    Changed<?> mine = changed.get(blockNr);
    return mine != null ? mine : frozen.get(blockNr);
  }

  /** The counts of the metadata blocks. */
  public SpaceMap space() {
    return space;
  }

  /** A new block, all zeroes. */
  public Shadow create(BlockType<?> type) throws IOException {
    long blockNr = space.allocate();
    return new Shadow(blockNr, keep(blockNr, type, new byte[BlockManager.BLOCK_BYTES]), false);
  }

  /** The block to change in place of another: itself where it is this transaction's own. */
  public Shadow shadow(long blockNr, BlockType<?> type) throws IOException {
    boolean shared = space.count(blockNr) > 1;
    Changed<?> mine = changed.get(blockNr);
    if (mine != null && !shared) {
      mine.decoded = null;
      return new Shadow(blockNr, mine.bytes, false);
    }
    Changed<?> known = known(blockNr);
    byte[] original = known != null ? known.array : blocks.bytes(blockNr, type);
    long copyNr = space.allocate();
    ByteBuffer copy = keep(copyNr, type, original.clone());
    space.decrement(blockNr);
    return new Shadow(copyNr, copy, shared);
  }

  private ByteBuffer keep(long blockNr, BlockType<?> type, byte[] array) {
    Changed<?> block = new Changed<>(type, array);
    changed.put(blockNr, block);
    return block.bytes;
  }

  /** Forgets a block of this transaction that nothing refers to any more. */
  public void forget(long blockNr) {
    changed.remove(blockNr);
  }

  /** How many blocks the transaction has changed. */
  public int changedCount() {
    return changed.size();
  }

  /** Ends the transaction, and begins the next on top of it. The one before must be on disk. */
  public void freeze() {
    if (!frozen.isEmpty()) {
      throw new IllegalStateException("the transaction before is not on disk yet");
    }
    frozen = changed; // before the next line: readers ask in the other order
    changed = new ConcurrentHashMap<>();
  }

  /**
   * Writes the blocks of the frozen transaction, neighbours together, and returns when they are on
   * stable storage. Safe beside changes.
   */
  public void writeOut() throws IOException {
    List<Long> numbers = new ArrayList<>(frozen.keySet());
    numbers.sort(null);
    ByteBuffer batch = ByteBuffer.allocateDirect(BlockManager.BLOCK_BYTES * 64);
    long start = 0;
    for (long blockNr : numbers) {
      Changed<?> block = java.util.Objects.requireNonNull(frozen.get(blockNr));
      BlockHeader.seal(blockNr, block.bytes, block.type); // a copy of it is sealed anew
      boolean next = blockNr == start + batch.position() / BlockManager.BLOCK_BYTES;
      if (batch.position() > 0 && (!next || !batch.hasRemaining())) {
        device.write(start * BlockManager.BLOCK_BYTES, batch.flip());
        batch.clear();
      }
      if (batch.position() == 0) {
        start = blockNr;
      }
      batch.put(block.array);
    }
    if (batch.position() > 0) {
      device.write(start * BlockManager.BLOCK_BYTES, batch.flip());
    }
    device.flush();
    for (Map.Entry<Long, Changed<?>> entry : frozen.entrySet()) {
      cache(entry.getKey(), entry.getValue());
    }
    frozen = Map.of();
  }

  private <T> void cache(long blockNr, Changed<T> block) throws IOException {
    blocks.replace(blockNr, block.type, block.type.decodeOwn(blockNr, block.bytes), block.bytes);
  }
}
