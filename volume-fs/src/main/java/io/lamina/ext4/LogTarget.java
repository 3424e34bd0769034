package io.lamina.ext4;

import io.lamina.block.OutOfSpaceException;
import io.lamina.block.WritableDevice;
import io.lamina.ext4.journal.LogAppender;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes transactions to the log of a volume, and later to their places.
 *
 * <p>A commit flushes twice: once so that the file's data, the logged blocks and what was brought
 * to its place are there before the commit block is, and once for the commit block. Neither order
 * among the first three matters, so they share a flush.
 *
 * <p>The first commit also says that the volume is in use, in its superblock before the first flush
 * and in the log's before the second: a log that seems in use in a volume that does not would be
 * taken for damage.
 *
 * <p>What is committed is brought to its place when some of the log is taken, right before the next
 * transaction's first flush: the log then begins with that transaction, without a flush more. So
 * only the log's first part is ever used, unless a transaction needs more, and of a thin volume the
 * rest never takes space.
 */
final class LogTarget implements Journal.Target {
  private static final int MAX_TRANSACTION_BYTES = 16 << 20;
  private static final int LOG_BYTES_BEFORE_CHECKPOINT = 4 << 20;
  private static final int EIO = 5;

  private final WritableDevice device;
  private final HomeWriter home;
  private final LogAppender log;
  private final SuperblockWriter superblock;
  private final int maxBlocks;
  private final int blocksBeforeCheckpoint;

  /** Committed, not known to be in its place: by block number. */
  private final TreeMap<Long, MetadataBlock> unsettled = new TreeMap<>();

  LogTarget(Volume volume, LogAppender log, SuperblockWriter superblock) {
    this.superblock = superblock;
    this.device = volume.writable();
    this.home = new HomeWriter(volume);
    this.log = log;
    int blockBytes = volume.geometry().blockBytes();
    this.maxBlocks = (int) Math.min(log.ringBlocks() / 3, MAX_TRANSACTION_BYTES / blockBytes);
    this.blocksBeforeCheckpoint =
        (int) Math.min(log.ringBlocks() / 3, LOG_BYTES_BEFORE_CHECKPOINT / blockBytes);
  }

  @Override
  public int maxBlockCount() {
    return maxBlocks;
  }

  @Override
  public void write(Transaction transaction) throws IOException {
    List<MetadataBlock> images = transaction.imagesInOrder();
    long[] revoked = transaction.revoked().stream().mapToLong(Long::longValue).sorted().toArray();
    long need = log.blocksFor(images.size(), revoked.length);
    boolean mustCheckpoint = log.usedBlocks() + need >= log.ringBlocks();
    boolean checkpoints =
        log.usedBlocks() > 0
            && log.usedBlocks() + need > blocksBeforeCheckpoint
            && bringHome(mustCheckpoint);
    if (log.usedBlocks() + need >= log.ringBlocks()) {
      device.flush();
      log.clear(true);
    }
    superblock.announceOpen();
    try {
      append(images, revoked, checkpoints ? transaction : null);
    } catch (OutOfSpaceException e) {
      startAnew(e);
      append(images, revoked, null);
    }
    device.flush();
    for (long blockNr : revoked) {
      unsettled.remove(blockNr);
    }
    images.forEach(image -> unsettled.put(image.blockNr(), image));
  }

  /**
   * Appends a transaction, and flushes all but its commit block.
   *
   * @param rewinding the same transaction where all before it has been written to its place
   */
  private void append(List<MetadataBlock> images, long[] revoked, @Nullable Transaction rewinding)
      throws IOException {
    log.append(images, revoked, rewinding != null);
    device.flush();
    if (rewinding != null) {
      unsettled.clear(); // the flush has made it so
      log.writeTail(rewinding.id());
    }
    log.commit();
  }

  /**
   * Where the device has no room for more of the log, it is used from its beginning: what was
   * written to before has its room.
   */
  private void startAnew(OutOfSpaceException reason) throws IOException {
    if (log.isAtStart()) {
      throw reason;
    }
    bringHome(true);
    device.flush();
    unsettled.clear();
    log.clear(true);
  }

  /**
   * Writes what is committed to its place. Where there is no room for it, it can wait as long as
   * the log has some: what is being committed may make room.
   *
   * @param must whether it cannot wait
   * @return whether all was written
   */
  private boolean bringHome(boolean must) throws IOException {
    try {
      home.write(List.copyOf(unsettled.values()));
      return true;
    } catch (OutOfSpaceException e) {
      if (must) {
        throw e;
      }
      return false;
    }
  }

  @Override
  public void settle() throws IOException {
    home.write(List.copyOf(unsettled.values()));
    device.flush();
  }

  @Override
  public void checkpoint() throws IOException {
    home.write(List.copyOf(unsettled.values()));
    device.flush();
    unsettled.clear();
    log.clear(false);
  }

  @Override
  public void abort() throws IOException {
    log.recordError(EIO);
    device.flush();
  }
}
