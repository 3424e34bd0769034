package io.lamina.layer.image;

import io.lamina.digest.Sha256;
import io.lamina.graph.Id;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Digests and counts what is written through it. */
final class DigestOutput extends FilterOutputStream {
  private final MessageDigest digest = Sha256.start();
  private final ImageProgress progress;
  private long byteCount;

  DigestOutput(OutputStream out, ImageProgress progress) {
    super(out);
    this.progress = progress;
  }

  @Override
  public void write(int b) throws IOException {
    out.write(b);
    digest.update((byte) b);
    count(1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    out.write(bytes, from, length);
    digest.update(bytes, from, length);
    count(length);
  }

  private void count(int more) {
    byteCount += more;
    progress.copied(more);
  }

  long byteCount() {
    return byteCount;
  }

  /** The digest of all that was written; to be asked for once. */
  Id digest() {
    return Id.digest(HexFormat.of().formatHex(digest.digest()));
  }

  /** What it writes to stays open. */
  @Override
  public void close() throws IOException {
    flush();
  }
}
