package io.lamina.mount;

import io.lamina.block.BlockDevice;
import io.lamina.block.WritableDevice;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.OpenFile;
import io.lamina.fs.WritableFile;
import io.lamina.fs.virtual.VirtualNode;
import io.lamina.fs.virtual.VirtualOwner;
import java.io.IOException;

/**
 * A volume's raw content as a file, holes where nothing is mapped. Only its owner may read or write
 * it: it shows the files of everybody, whatever their modes. Its length is the volume's, and cannot
 * be changed here.
 *
 * <p>Where the pool is written to, its content changes also through the volume's files, so that the
 * kernel keeps nothing of it.
 */
final class DeviceNode extends VirtualNode {
  private static final int OWNER_READS = 0400;
  private static final int OWNER_READS_AND_WRITES = 0600;
  private static final int SECTOR_BYTES = 512;

  private final VolumeDirectory files;

  DeviceNode(VolumeDirectory files, long inodeNr, VirtualOwner owner) {
    super(
        inodeNr,
        FileType.REGULAR,
        files.volume().isWritable() ? OWNER_READS_AND_WRITES : OWNER_READS,
        owner);
    this.files = files;
  }

  @Override
  public Attributes attributes() throws IOException {
    return attributes(
        files.volume().device().size(), files.volume().mappedBytes() / SECTOR_BYTES, 1);
  }

  @Override
  public OpenFile open() throws IOException {
    return new OpenDevice(files.volume().device());
  }

  /** Keeps the volume's files closed meanwhile. */
  @Override
  public WritableFile openForWriting() throws IOException {
    if (!files.volume().isWritable()) {
      throw new FsException(Errno.EROFS, toString());
    }
    files.giveUp();
    try {
      // Not before: until then, a command may have given the volume another length.
      if (files.volume().device() instanceof WritableDevice device) {
        return new WritableOpenDevice(this, device, files::takeBack);
      }
    } catch (IOException e) {
      files.takeBack();
      throw e;
    }
    files.takeBack();
    throw new FsException(Errno.EROFS, toString());
  }

  @Override
  public void change(AttributeChange change) throws IOException {
    if (!files.volume().isWritable()) {
      throw new FsException(Errno.EROFS, toString());
    }
    boolean resizes = change.size() != null && change.size() != files.volume().device().size();
    if (resizes) {
      throw new FsException(Errno.EINVAL, this + ": lamina volume resize changes its length");
    }
    if (change.permissions() != null || change.userId() != null || change.groupId() != null) {
      throw new FsException(Errno.EPERM, toString());
    }
  }

  @Override
  public boolean hasFixedSize() {
    return true;
  }

  @Override
  public boolean isVolatile() {
    return files.volume().isWritable();
  }

  @Override
  public String toString() {
    return "device " + files.volume().name();
  }

  /** Opened for reading. */
  private record OpenDevice(BlockDevice device) implements OpenDeviceReads {
    @Override
    public void close() {
      // The device is the pool's, and stays open with it.
    }
  }
}
