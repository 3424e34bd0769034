package io.lamina.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Tells a progress bar what is read through it. */
final class CountedInput extends FilterInputStream {
  private final CopyProgress progress;

  CountedInput(InputStream in, CopyProgress progress) {
    super(in);
    this.progress = progress;
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
