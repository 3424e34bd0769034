package io.lamina.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells a progress bar what is read through it. */
final class CountedInput extends FilterInputStream {
  private final CopyProgress progress;

  CountedInput(InputStream in, CopyProgress progress) {
    super(in);
    this.progress = progress;
  }

  /** The content of a file, all of which is to come. */
  static CountedInput of(Path file, CopyProgress progress) throws IOException {
    progress.expect(Files.size(file));
    return new CountedInput(Files.newInputStream(file), progress);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    int count = in.read(target, from, length);
    progress.copied(Math.max(0, count));
    return count;
  }
}
