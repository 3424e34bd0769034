package io.lamina.mount;

import io.lamina.block.BlockDevice;
import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.OpenFile;
import io.lamina.fs.virtual.VirtualNode;
import io.lamina.fs.virtual.VirtualOwner;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A volume's raw content as a file, holes where nothing is mapped. Only its owner may read it: it
 * shows the files of everybody, whatever their modes.
 *
 * <p>Its content does not change while it is shown, so that the kernel may keep what it read.
 */
final class DeviceNode extends VirtualNode {
  private static final int OWNER_READS = 0400;
  private static final int SECTOR_BYTES = 512;

  private final Volume volume;

  DeviceNode(Volume volume, long inodeNr, VirtualOwner owner) {
    super(inodeNr, FileType.REGULAR, OWNER_READS, owner);
    this.volume = volume;
  }

  @Override
  public Attributes attributes() throws IOException {
    return attributes(volume.device().size(), volume.mappedBytes() / SECTOR_BYTES, 1);
  }

  @Override
  public OpenFile open() throws IOException {
    return new OpenDevice(volume.device());
  }

  @Override
  public String toString() {
    return "device " + volume.name();
  }

  private record OpenDevice(BlockDevice device) implements OpenFile {
    @Override
    public long size() {
      return device.size();
    }

    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
      long left = device.size() - offset;
      if (left <= 0) {
        return 0;
      }
      int byteCount = (int) Math.min(left, target.remaining());
      target.limit(target.position() + byteCount);
      device.read(offset, target);
      return byteCount;
    }

    @Override
    public long nextData(long offset) throws IOException {
      return device.nextData(offset);
    }

    @Override
    public long nextHole(long offset) throws IOException {
      return device.nextHole(offset);
    }

    @Override
    public void close() {
      // The device is the pool's, and stays open with it.
    }
  }
}
