package io.lamina.ext4;

import io.lamina.block.BlockDevice;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An image file as a device; what lies in it can be changed too. */
public final class FileImage implements BlockDevice {
  private final Path path;
  private final FileChannel channel;
  private final long size;

  public FileImage(Path path) throws IOException {
    this.path = path;
    this.channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    this.size = channel.size();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    long at = offset;
    while (target.hasRemaining()) {
      int count = channel.read(target, at);
      if (count < 0) {
        throw new EOFException(path + " ends before " + at);
      }
      at += count;
    }
  }

  public void write(long offset, byte[] bytes) throws IOException {
    channel.write(ByteBuffer.wrap(bytes), offset);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
