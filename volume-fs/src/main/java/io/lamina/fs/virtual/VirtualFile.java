package io.lamina.fs.virtual;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A file whose text is made each time it is opened; who has it open goes on reading the text of
 * that moment.
 */
public final class VirtualFile extends VirtualNode {
  private final Content content;

  /** A file that anybody may read. */
  public VirtualFile(long inodeNr, VirtualOwner owner, Content content) {
    super(inodeNr, FileType.REGULAR, 0444, owner);
    this.content = content;
  }

  /** Makes the text. */
  @FunctionalInterface
  public interface Content {
    /** The text as it is now. */
    String text() throws IOException;
  }

  @Override
  public Attributes attributes() throws IOException {
    return attributes(bytes().length, 0, 1);
  }

  @Override
  public OpenFile open() throws IOException {
    return new OpenBytes(bytes());
  }

  @Override
  public boolean isVolatile() {
    return true;
  }

  private byte[] bytes() throws IOException {
    return content.text().getBytes(StandardCharsets.UTF_8);
  }

  /** The text of one moment. */
  private static final class OpenBytes implements OpenFile {
    private final byte[] bytes;

    OpenBytes(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public int read(long offset, ByteBuffer target) {
      if (offset >= bytes.length) {
        return 0;
      }
      int byteCount = (int) Math.min(target.remaining(), bytes.length - offset);
      target.put(bytes, (int) offset, byteCount);
      return byteCount;
    }

    @Override
    public long nextData(long offset) {
      return Math.min(offset, bytes.length);
    }

    @Override
    public long nextHole(long offset) {
      return bytes.length;
    }

    @Override
    public void close() {
      // Bytes in memory: nothing to give back.
    }
  }
}
