package io.lamina.mount;

import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** An open file of a volume; the volume's files stay open at least as long. */
class VolumeFile implements OpenFile {
  private final OpenVolume volume;
  private final OpenFile file;
  private final AtomicBoolean closed = new AtomicBoolean();

  VolumeFile(OpenVolume volume, OpenFile file) {
    this.volume = volume;
    this.file = file;
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public int read(long offset, ByteBuffer target) throws IOException {
    return file.read(offset, target);
  }

  @Override
  public long nextData(long offset) throws IOException {
    return file.nextData(offset);
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return file.nextHole(offset);
  }

  @Override
  public void close() throws IOException {
    if (!closed.getAndSet(true)) {
      try {
        file.close();
      } finally {
        volume.fileClosed();
      }
    }
  }
}
