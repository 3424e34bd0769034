package io.lamina.ext4;

import io.lamina.ext4.format.InodeFlags;
import io.lamina.fs.AllocationMode;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.WritableFile;
import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * The content of a file of a volume that is written to: it holds the file's inode until it is
 * closed. Reads share the file's lock; so do writes that change nothing but what is stored already.
 */
final class LiveFile implements WritableFile {
  /** How to read the content that an inode had when it was stored. */
  private record Reader(Inode stored, OpenFile file) {}

  private final Files files;
  private final Volume volume;
  private final Writing writing;
  private final Node node;
  private final WritableInode inode;
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private volatile @Nullable Reader lastReader;

  /** Whether its access time was looked at: once each time that it is opened. */
  private final AtomicBoolean isAccessed = new AtomicBoolean();

  /**
   * Opens a file.
   *
   * @param inode held once for this
   */
  LiveFile(Files files, Writing writing, Node node, WritableInode inode) {
    this.files = files;
    this.volume = files.volume();
    this.writing = writing;
    this.node = node;
    this.inode = inode;
  }

  @Override
  public Node node() {
    return node;
  }

  /** Something done with the file's lock held. */
  @FunctionalInterface
  private interface Locked<T> {
    T run() throws IOException;
  }

  private <T> T reading(Locked<T> body) throws IOException {
    return locked(inode.lock().readLock(), body);
  }

  private <T> T writing(Locked<T> body) throws IOException {
    return locked(inode.lock().writeLock(), body);
  }

  private <T> T locked(Lock lock, Locked<T> body) throws IOException {
    lock.lock();
    try {
      inode.requireThere();
      return body.run();
    } catch (CorruptException e) {
      writing.failed(e);
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private OpenFile reader() throws IOException {
    Inode stored = inode.inode();
    Reader known = lastReader;
    if (known == null || known.stored != stored) {
      OpenFile file =
          stored.has(InodeFlags.INLINE_DATA)
              ? new InlineFile(InlineData.of(stored), stored.size())
              : new MappedFile(volume, stored);
      known = new Reader(stored, file);
      lastReader = known;
    }
    return known.file;
  }

  @Override
  public long size() throws IOException {
    return reading(() -> inode.raw().size());
  }

  @Override
  public int read(long offset, ByteBuffer target) throws IOException {
    int count = reading(() -> reader().read(offset, target));
    if (!isAccessed.get() && !isAccessed.getAndSet(true)) {
      touchAccessTime();
    }
    return count;
  }

  private void touchAccessTime() throws IOException {
    NodeChanges changes = files.changes();
    if (changes != null && writing.keepsAccessTimes()) {
      changes.attributes().touchAccessTime(inode);
    }
  }

  @Override
  public long nextData(long offset) throws IOException {
    return reading(() -> reader().nextData(offset));
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return reading(() -> reader().nextHole(offset));
  }

  @Override
  public void write(long offset, ByteBuffer source) throws IOException {
    if (offset < 0) {
      throw new FsException(Errno.EINVAL, "offset " + offset);
    }
    files.requireWriting();
    if (!reading(() -> overwrite(offset, source))) {
      writing(
          () -> {
            requireMutable(offset == inode.raw().size());
            new FileContent(files, inode).write(offset, source);
            return offset;
          });
    }
  }

  @Override
  public long append(ByteBuffer source) throws IOException {
    files.requireWriting();
    return writing(
        () -> {
          requireMutable(true);
          long offset = inode.raw().size();
          new FileContent(files, inode).write(offset, source);
          return offset;
        });
  }

  /**
   * Writes over what is stored, where that is all there is to do.
   *
   * @return whether it has
   */
  private boolean overwrite(long offset, ByteBuffer source) throws IOException {
    if (offset + source.remaining() > inode.raw().size()) {
      return false; // most writes are, and need not read the inode for it
    }
    Inode stored = inode.inode();
    boolean changesInode =
        stored.has(InodeFlags.INLINE_DATA | InodeFlags.IMMUTABLE | InodeFlags.APPEND)
            || !FileContent.isFresh(inode, Instant.now());
    return !changesInode && new Overwrite(volume, inode).write(offset, source);
  }

  private void requireMutable(boolean isAppended) throws FsException {
    int flags = inode.raw().flags();
    boolean isAppendOnly = (flags & InodeFlags.APPEND) != 0;
    if ((flags & InodeFlags.IMMUTABLE) != 0 || (isAppendOnly && !isAppended)) {
      throw new FsException(Errno.EPERM, node.toString());
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    if (size < 0) {
      throw new FsException(Errno.EINVAL, "size " + size);
    }
    files.requireWriting();
    writing(
        () -> {
          requireMutable(false);
          new FileContent(files, inode).truncate(size);
          return size;
        });
  }

  @Override
  public void allocate(long offset, long length, AllocationMode mode) throws IOException {
    files.requireWriting();
    writing(
        () -> {
          requireMutable(mode == AllocationMode.EXTEND || mode == AllocationMode.KEEP_SIZE);
          new FileContent(files, inode).allocate(offset, length, mode);
          return length;
        });
  }

  @Override
  public void sync(boolean dataOnly) throws IOException {
    Journal journal = writing.journal();
    int id = dataOnly ? inode.contentStoredIn() : inode.storedIn();
    boolean isCommitted = journal.isCommitted(id);
    boolean wasOverwritten = inode.isOverwritten();
    inode.setOverwritten(false);
    if (!isCommitted) {
      journal.commit(id);
    } else if (wasOverwritten) {
      volume.writable().flush();
    }
  }

  @Override
  public void close() throws IOException {
    if (!isClosed.getAndSet(true)) {
      writing.live().release(inode);
    }
  }
}
