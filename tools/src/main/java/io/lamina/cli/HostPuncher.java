package io.lamina.cli;

import io.lamina.block.HolePuncher;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.host.ClaimedDevice;
import io.lamina.fs.host.SparseFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** What the host's own calls do with the files and block devices of a pool. */
final class HostPuncher implements HolePuncher {
  @Override
  public boolean punch(Path path, long offset, long length) throws IOException {
    if (length == 0) {
      return true;
    }
    try (SparseFile file = SparseFile.openWritable(path)) {
      return file.punch(offset, length);
    }
  }

  @Override
  public Closeable claim(Path device) throws IOException {
    try {
      return new ClaimedDevice(device);
    } catch (FsException e) {
      if (e.errno() == Errno.EBUSY) {
        throw new IOException(device + ": in use by " + DeviceUsers.of(device), e);
      }
      throw e;
    }
  }
}
