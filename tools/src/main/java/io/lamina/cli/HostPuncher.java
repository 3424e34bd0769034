package io.lamina.cli;

import io.lamina.block.HolePuncher;
import io.lamina.fs.host.SparseFile;
import java.io.IOException;
import java.nio.file.Path;

/** Gives space of files and block devices back through the host's {@code fallocate}. */
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
}
