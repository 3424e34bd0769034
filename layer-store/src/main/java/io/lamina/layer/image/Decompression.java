package io.lamina.layer.image;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import io.lamina.layer.archive.ArchiveException;
import io.lamina.ondisk.UnsupportedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Finds out by its first bytes whether something is compressed, and undoes it. */
public final class Decompression {
  private static final int LONGEST_MAGIC = 6;
  private static final int BUFFER_BYTES = 1 << 16;

  private enum Kind {
    GZIP("1f8b08"),
    ZSTD("28b52ffd"),
    BZIP2("425a68"),
    XZ("fd377a585a00"),
    NONE("");

    /** The first bytes, in hexadecimal. */
    private final String magic;

    Kind(String magic) {
      this.magic = magic;
    }

    static Kind of(byte[] start) {
      String first = HexFormat.of().formatHex(start);
      return Stream.of(values())
          .filter(kind -> first.startsWith(kind.magic))
          .findFirst()
          .orElse(NONE);
    }
  }

  private Decompression() {}

  /**
   * What a stream holds, without its compression.
   *
   * @throws UnsupportedException when it is read, for a compression that is not known here
   * @throws ArchiveException when it is read, and what is compressed is damaged
   */
  public static InputStream of(InputStream in) throws IOException {
    Start start = new Start(in);
    return start.kind == Kind.NONE ? start : new Checked(start);
  }

  private static InputStream opened(Start start) throws IOException {
    return switch (start.kind) {
      case GZIP -> new GZIPInputStream(start, BUFFER_BYTES);
      case ZSTD -> new ZstdInputStream(start);
      default ->
          throw new UnsupportedException(
              "an archive that is compressed with " + start.kind.name().toLowerCase(Locale.ROOT));
    };
  }

  /** Says of damage what it is. */
  private static final class Checked extends InputStream {
    private final Start start;
    private @Nullable InputStream in;

    Checked(Start start) {
      this.start = start;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      try {
        if (in == null) {
          in = opened(start);
        }
        return in.read(target, from, length);
      } catch (EOFException e) {
        throw new ArchiveException("it is cut off", e);
      } catch (ZipException | ZstdIOException e) {
        throw new ArchiveException("its compression is damaged: " + e.getMessage(), e);
      }
    }

    @Override
    public void close() throws IOException {
      if (in != null) {
        in.close();
      }
      start.close();
    }
  }

  /** Whether a stream's first bytes are those of something compressed. */
  static boolean isCompressed(byte[] start) {
    return Kind.of(start) != Kind.NONE;
  }

  /** How many bytes are to be looked at. */
  static int magicLength() {
    return LONGEST_MAGIC;
  }

  /** A stream of which the first bytes have been looked at. */
  private static final class Start extends PushbackInputStream {
    private final Kind kind;

    Start(InputStream in) throws IOException {
      super(in, LONGEST_MAGIC);
      byte[] start = in.readNBytes(LONGEST_MAGIC);
      this.kind = Kind.of(start);
      unread(start);
    }

    /**
     * Not 0 before the end: by this {@link GZIPInputStream} sees whether another part follows, and
     * a pipe that is slow has nothing to say.
     */
    @Override
    public int available() throws IOException {
      int known = super.available();
      if (known > 0) {
        return known;
      }
      int next = read();
      if (next < 0) {
        return 0;
      }
      unread(next);
      return 1;
    }
  }
}
