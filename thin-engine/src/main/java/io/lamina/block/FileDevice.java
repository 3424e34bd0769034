package io.lamina.block;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A regular file or a block device of the host, read only.
 *
 * <p>Safe for use by many threads; reads take no lock. A thread that is interrupted while it reads
 * closes the JDK's channel for everybody: the file is then opened anew and the read done again.
 */
public final class FileDevice implements BlockDevice {
  private final Path path;
  private final long size;
  private volatile FileChannel channel;
  private volatile boolean closed;

  private FileDevice(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  /**
   * Opens a file for reading.
   *
   * @throws IOException when there is none, when it is a directory, or may not be read; the message
   *     is a line for people that names it
   */
  public static FileDevice openReadOnly(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new IOException(path + ": is a directory, expected a file or a block device");
    }
    FileChannel channel = open(path);
    try {
      return new FileDevice(path, channel, channel.size());
    } catch (IOException e) {
      channel.close();
      throw new IOException(path + ": its size cannot be told: " + e.getMessage(), e);
    }
  }

  private static FileChannel open(Path path) throws IOException {
    try {
      return FileChannel.open(path, StandardOpenOption.READ);
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
    boolean interrupted = false;
    try {
      while (true) {
        FileChannel current = channel;
        try {
          return current.read(target, position);
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
          reopen(current);
        } catch (java.nio.channels.ClosedChannelException e) {
          reopen(current); // another thread's interrupt
        } catch (IOException e) {
          throw new IOException(path + ": read at " + position + ": " + e.getMessage(), e);
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
      channel = open(path);
    }
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }

  @Override
  public String toString() {
    return name();
  }
}
