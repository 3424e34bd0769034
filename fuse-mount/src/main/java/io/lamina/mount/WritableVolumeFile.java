package io.lamina.mount;

import io.lamina.fs.AllocationMode;
import io.lamina.fs.Node;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file of a volume that can be written to. */
final class WritableVolumeFile extends VolumeFile implements WritableFile {
  private final OpenVolume volume;
  private final WritableFile file;

  WritableVolumeFile(OpenVolume volume, WritableFile file) {
    super(volume, file);
    this.volume = volume;
    this.file = file;
  }

  @Override
  public Node node() {
    return new VolumeNode(volume, file.node());
  }

  @Override
  public void write(long offset, ByteBuffer source) throws IOException {
    file.write(offset, source);
  }

  @Override
  public long append(ByteBuffer source) throws IOException {
    return file.append(source);
  }

  @Override
  public void truncate(long size) throws IOException {
    file.truncate(size);
  }

  @Override
  public void allocate(long offset, long length, AllocationMode mode) throws IOException {
    file.allocate(offset, length, mode);
  }

  @Override
  public void sync(boolean dataOnly) throws IOException {
    file.sync(dataOnly);
  }
}
