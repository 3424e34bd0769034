package io.lamina.layer.image;

import io.lamina.digest.Sha256;
import io.lamina.graph.Id;
import io.lamina.layer.archive.ArchiveException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A layer's tar as it is read out of an archive, without its compression. Its end is told only when
 * all that is stored has been read and was what it should be.
 */
final class LayerInput extends FilterInputStream {
  private static final int PIECE_BYTES = 1 << 16;

  private final Stored stored;

  private LayerInput(Stored stored) throws IOException {
    super(Decompression.of(stored));
    this.stored = stored;
  }

  /**
   * Opens a layer.
   *
   * @param digest of what is stored; null where that is not known
   * @param about what it is, for messages
   */
  static LayerInput open(
      ArchiveFile file, @Nullable Id digest, String about, ImageProgress progress)
      throws IOException {
    InputStream opened = file.open();
    try {
      return new LayerInput(new Stored(opened, digest, about, progress));
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    int count = in.read(target, from, length);
    if (count < 0) {
      stored.transferTo(OutputStream.nullOutputStream());
      stored.verify();
    }
    return count;
  }

  @Override
  public long skip(long byteCount) throws IOException {
    return Math.max(0, read(new byte[(int) Math.min(byteCount, PIECE_BYTES)]));
  }

  /** The bytes in the archive: digested and counted. */
  private static final class Stored extends FilterInputStream {
    private final MessageDigest digest = Sha256.start();
    private final @Nullable Id expected;
    private final String about;
    private final ImageProgress progress;
    private boolean isVerified;

    Stored(InputStream in, @Nullable Id expected, String about, ImageProgress progress) {
      super(in);
      this.expected = expected;
      this.about = about;
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
      if (count > 0) {
        progress.copied(count);
        if (expected != null) {
          digest.update(target, from, count);
        }
      }
      return count;
    }

    @Override
    public long skip(long byteCount) throws IOException {
      return Math.max(0, read(new byte[(int) Math.min(byteCount, PIECE_BYTES)]));
    }

    void verify() throws ArchiveException {
      if (expected == null || isVerified) {
        return;
      }
      Id found = Id.digest(HexFormat.of().formatHex(digest.digest()));
      if (!found.equals(expected)) {
        throw new ArchiveException(about + ": digest: expected " + expected + ", found " + found);
      }
      isVerified = true;
    }
  }
}
