package io.lamina.ext4.journal;

import io.lamina.block.WritableDevice;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Appends transactions to a log that holds nothing to be replayed when it is opened. Not for use by
 * many threads.
 *
 * <p>Nothing is flushed here but where a method says so: the caller puts his flushes between {@link
 * #append}, {@link #commit} and what may follow.
 *
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html">The journal</a>
 */
public final class LogAppender {
  /** A block to be logged. */
  public interface Image {
    /** The block of the volume. */
    long blockNr();

    /** Its content, not changed any more. */
    ByteBuffer bytes();
  }

  private final WritableDevice device;
  private final JournalSuperblockEditor superblock;
  private final TransactionWriter writer;
  private final long first;
  private final long ringBlocks;
  private int nextId;
  private long head;
  private long tail;
  private long used;
  private long lastStart;

  /** Whether the disk says that the log is in use. */
  private boolean started;

  private LogAppender(
      WritableDevice device,
      Log log,
      JournalSuperblockEditor superblock,
      TransactionWriter writer,
      int nextId,
      boolean started) {
    this.started = started;
    this.device = device;
    this.superblock = superblock;
    this.writer = writer;
    this.first = log.superblock().firstBlock();
    this.ringBlocks = log.superblock().lastBlock() - first;
    this.nextId = nextId;
    this.head = first;
    this.tail = first;
  }

  /**
   * Opens a log for writing. It is as it was until the first transaction is committed; that
   * announces in it what the volume asks for. One with fast commits is told at once, and flushed.
   *
   * @param log where it lies
   * @param keepsFastCommits whether it holds fast commits that the first transaction appended will
   *     bring along; until then they are still to be replayed
   * @param has64Bits whether block numbers have 64 bits
   * @param hasChecksums whether metadata has checksums: then the log's blocks have them too
   * @throws UnsupportedException when it uses a feature unknown here
   */
  public static LogAppender open(
      WritableDevice device,
      int blockBytes,
      LogMap log,
      boolean keepsFastCommits,
      boolean has64Bits,
      boolean hasChecksums)
      throws IOException {
    Log found = Log.open(device, blockBytes, log);
    if (found.superblock().isClean() == keepsFastCommits) {
      throw new IllegalStateException(device.name() + ": its log is to be replayed first");
    }
    JournalSuperblockEditor editor = JournalSuperblockEditor.read(device, found);
    editor.announce(has64Bits, hasChecksums);
    int nextId = found.superblock().startTransactionId();
    if (keepsFastCommits) {
      editor.setTail(found.superblock().firstBlock(), nextId);
      editor.write(device);
      device.flush();
    } else {
      nextId++; // as the kernel, who never reuses one
    }
    Log opened = found.with(editor.sealed());
    TransactionWriter writer = new TransactionWriter(device, opened, editor.uuid());
    return new LogAppender(device, opened, editor, writer, nextId, keepsFastCommits);
  }

  /** The id of the transaction that is appended next. */
  public int nextTransactionId() {
    return nextId;
  }

  /** How many blocks all transactions that are not checkpointed can take together. */
  public long ringBlocks() {
    return ringBlocks;
  }

  /** How many blocks are taken by transactions that are not checkpointed. */
  public long usedBlocks() {
    return used;
  }

  /** Whether the transaction that was appended last starts where the log does. */
  public boolean isAtStart() {
    return lastStart == first;
  }

  /** How many blocks a transaction takes. */
  public long blocksFor(int imageCount, int revokeCount) {
    return writer.blocksFor(imageCount, revokeCount);
  }

  /**
   * Appends all of a transaction but its commit block. It must be shorter than what {@link
   * #usedBlocks} leaves of the ring.
   *
   * @param rewinds whether all before it is in place once the next flush has returned: then it may
   *     start where the log starts, if there is room
   * @param revoked blocks whose older copies must not be replayed
   */
  public void append(List<? extends Image> images, long[] revoked, boolean rewinds)
      throws IOException {
    long need = blocksFor(images.size(), revoked.length);
    if (rewinds && tail < head && first + need <= tail) {
      head = first;
    }
    if (need + used >= ringBlocks) {
      throw new IllegalStateException("a transaction of " + need + " blocks");
    }
    if (rewinds) {
      tail = head;
      used = 0;
    }
    used += need;
    lastStart = head;
    head = writer.write(nextId, head, images, revoked);
  }

  /**
   * Appends the commit block: once that is flushed, the transaction has happened. The first one's
   * log is told to be in use along with it: before that there is nothing in it to be replayed.
   */
  public void commit() throws IOException {
    if (!started) {
      writeTail(nextId);
    }
    head = writer.writeCommit(nextId, head);
    nextId++;
  }

  /** Says on disk where the oldest transaction starts. */
  public void writeTail(int tailId) throws IOException {
    superblock.setTail(tail, tailId);
    superblock.write(device);
    started = true;
  }

  /**
   * Says on disk, and flushes, that all is in place: the log starts anew. One that was never in use
   * is left as it is.
   */
  public void clear(boolean inUse) throws IOException {
    if (!started && !inUse) {
      return;
    }
    head = first;
    tail = first;
    used = 0;
    superblock.setTail(inUse ? first : 0, nextId);
    superblock.write(device);
    device.flush();
    started = inUse;
  }

  /** Leaves a note in the log that an error has stopped its use. */
  public void recordError(int errno) throws IOException {
    superblock.setErrno(errno);
    superblock.write(device);
  }
}
