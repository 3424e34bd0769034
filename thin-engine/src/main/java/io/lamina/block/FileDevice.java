package io.lamina.block;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;

/**
 * A regular file or a block device of the host, opened for reading, or for writing too.
 *
 * <p>Safe for use by many threads; reads take no lock. A thread that is interrupted while it reads
 * closes the JDK's channel for everybody: the file is then opened anew and the read done again.
 */
public final class FileDevice implements WritableDevice {
  /** Of a file's mode, as {@code inode(7)} says. */
  private static final int FILE_KIND = 0170000;

  private static final int BLOCK_DEVICE = 0060000;

  private final Path path;
  private final Set<StandardOpenOption> mode;
  private final HolePuncher puncher;
  private final Closeable claim;
  private volatile long size;
  private volatile FileChannel channel;
  private volatile boolean closed;
  private Lock lock = Lock.NONE;

  private enum Lock {
    NONE,
    SHARED,
    ALONE
  }

  private FileDevice(Path path, Set<StandardOpenOption> mode, HolePuncher puncher)
      throws IOException {
    if (Files.isDirectory(path)) {
      throw new IOException(path + ": is a directory, expected a file or a block device");
    }
    this.path = path;
    this.mode = mode;
    this.puncher = puncher;
    this.channel = open(path, mode);
    try {
      this.size = size(path, channel);
      this.claim =
          mode.contains(StandardOpenOption.WRITE) && isBlockDevice(path)
              ? puncher.claim(path)
              : () -> {};
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static long size(Path path, FileChannel channel) throws IOException {
    try {
      return channel.size();
    } catch (IOException e) {
      throw new IOException(path + ": its size cannot be told: " + e.getMessage(), e);
    }
  }

  private static boolean isBlockDevice(Path path) throws IOException {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix")
        && ((int) Files.getAttribute(path, "unix:mode") & FILE_KIND) == BLOCK_DEVICE;
  }

  /**
   * Opens a file for reading.
   *
   * @throws IOException when there is none, when it is a directory, or may not be read; the message
   *     is a line for people that names it
   */
  public static FileDevice openReadOnly(Path path) throws IOException {
    return new FileDevice(path, EnumSet.of(StandardOpenOption.READ), HolePuncher.NONE);
  }

  /**
   * Opens a file for reading and writing; a block device, for this process alone.
   *
   * @param puncher how space is given back to the host
   * @throws IOException as {@link #openReadOnly}
   */
  public static FileDevice openWritable(Path path, HolePuncher puncher) throws IOException {
    return new FileDevice(
        path, EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE), puncher);
  }

  /**
   * Takes the file for this process alone, among those that ask likewise. Held until closed.
   *
   * @throws IOException when another has it
   */
  public synchronized void lock() throws IOException {
    lock(false);
  }

  /**
   * Keeps those away who would {@link #lock} the file. Held until closed.
   *
   * @throws IOException when one of them has it
   */
  public synchronized void lockForReading() throws IOException {
    lock(true);
  }

  private void lock(boolean shared) throws IOException {
    try {
      if (channel.tryLock(0, Long.MAX_VALUE, shared) == null) {
        throw new IOException(path + ": in use by " + LockHolder.of(path));
      }
    } catch (OverlappingFileLockException e) {
      throw new IOException(path + ": already open for writing in this process", e);
    }
    lock = shared ? Lock.SHARED : Lock.ALONE;
    HeldLocks.add(path);
  }

  private static FileChannel open(Path path, Set<StandardOpenOption> mode) throws IOException {
    try {
      return FileChannel.open(path, mode);
    } catch (NoSuchFileException e) {
      throw new IOException(path + ": no such file", e);
    } catch (FileSystemException e) {
      String reason = e.getReason();
      throw new IOException(path + ": " + (reason == null ? "permission denied" : reason), e);
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    Ranges.check(this, offset, target.remaining());
    long position = offset;
    while (target.hasRemaining()) {
      int byteCount = readSome(position, target);
      if (byteCount < 0) {
        throw new EOFException(path + ": ends at " + position + ", was " + size + " bytes long");
      }
      position += byteCount;
    }
  }

  private int readSome(long position, ByteBuffer target) throws IOException {
    return persist("read", position, current -> current.read(target, position));
  }

  @Override
  public void write(long offset, ByteBuffer source) throws IOException {
    Ranges.check(this, offset, source.remaining());
    long start = offset - source.position();
    while (source.hasRemaining()) {
      long position = start + source.position();
      persist("write", position, current -> current.write(source, position));
    }
  }

  @Override
  public void flush() throws IOException {
    persist(
        "flush",
        0,
        current -> {
          current.force(false);
          return 0;
        });
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    Ranges.check(this, offset, length);
    puncher.punch(path, offset, length);
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    Ranges.check(this, offset, length);
    if (!puncher.punch(path, offset, length)) {
      Zeroes.write(this, offset, length);
    }
  }

  /** Empties a regular file and makes it so long, all of it a hole; a lock on it stays. */
  public void recreate(long bytes) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    try {
      file.setLength(0);
      file.setLength(bytes);
    } finally {
      HeldLocks.close(path, file.getChannel());
    }
    long unused = refreshSize();
  }

  /** Looks again how long it is: it may have grown. */
  public long refreshSize() throws IOException {
    size = channel.size();
    return size;
  }

  /** Something done with the channel. */
  private interface ChannelUse {
    int on(FileChannel channel) throws IOException;
  }

  /** Does it, again and again where somebody's interrupt closed the channel. */
  private int persist(String operation, long position, ChannelUse use) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        FileChannel current = channel;
        try {
          return use.on(current);
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
          reopen(current);
        } catch (ClosedChannelException e) {
          reopen(current); // another thread's interrupt
        } catch (IOException e) {
          throw new IOException(
              path + ": " + operation + " at " + position + ": " + e.getMessage(), e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void reopen(FileChannel broken) throws IOException {
    if (closed) {
      throw new IOException(path + ": closed");
    }
    if (channel == broken) {
      channel = open(path, mode);
      if (lock != Lock.NONE) {
        lock(lock == Lock.SHARED);
      }
    }
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    try (claim) {
      if (lock != Lock.NONE) {
        HeldLocks.release(path, channel);
      } else {
        HeldLocks.close(path, channel);
      }
    }
  }

  @Override
  public String toString() {
    return name();
  }
}
