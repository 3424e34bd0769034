package io.lamina.fs.host;

import io.lamina.fs.Name;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A block device that is kept from all others that want it alone: mounts, device mapper, other
 * processes. Who just opens it is not kept away.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/open.2.html">open(2), O_EXCL</a>
 */
public final class ClaimedDevice implements Closeable {
  private final Libc libc = Libc.get();
  private final int fd;

  /**
   * Takes a block device.
   *
   * @throws io.lamina.fs.FsException EBUSY where another has it
   */
  public ClaimedDevice(Path path) throws IOException {
    fd = libc.openBlockDeviceAlone(Name.of(path.toAbsolutePath().toString()));
  }

  @Override
  public void close() throws IOException {
    libc.close(fd);
  }
}
