package io.lamina.layer.archive;

import io.lamina.graph.tarsplit.Crc64;
import io.lamina.graph.tarsplit.Piece;
import io.lamina.graph.tarsplit.TarSplitWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Keeps of a tar that is read what its files do not: a {@link TarReader} sends it the headers, and
 * whoever reads the members tells it their content.
 */
final class SplitRecorder extends OutputStream implements ContentListener {
  private static final int MAX_SEGMENT_BYTES = 1 << 16;

  private final TarSplitWriter split;
  private final ByteArrayOutputStream segment = new ByteArrayOutputStream();
  private final Crc64 checksum = new Crc64();
  private boolean isPassed;

  SplitRecorder(TarSplitWriter split) {
    this.split = split;
  }

  @Override
  public void write(int b) throws IOException {
    segment.write(b);
    endLongSegment();
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    segment.write(bytes, from, length);
    endLongSegment();
  }

  private void endLongSegment() throws IOException {
    if (segment.size() >= MAX_SEGMENT_BYTES) {
      endSegment();
    }
  }

  private void endSegment() throws IOException {
    if (segment.size() > 0) {
      split.write(new Piece.Segment(ByteBuffer.wrap(segment.toByteArray())));
      segment.reset();
    }
  }

  @Override
  public void stored(Member member, byte[] bytes, int from, int length) throws IOException {
    if (isSparse(member)) {
      write(bytes, from, length);
    } else {
      checksum.update(bytes, from, length);
    }
  }

  /** No file will have it when the tar is made again. */
  @Override
  public void passed(byte[] bytes, int from, int length) throws IOException {
    isPassed = true;
    write(bytes, from, length);
  }

  /** The end of a member's content. */
  void end(Member member) throws IOException {
    endSegment();
    long size = isPassed || isSparse(member) ? 0 : member.size();
    split.write(
        new Piece.Content(member.name().latin1(), size, size == 0 ? 0 : checksum.getValue()));
    checksum.reset();
    isPassed = false;
  }

  /** What a sparse file stores is not the content that is read of it: it is kept here. */
  private static boolean isSparse(Member member) {
    return member.extents() != null;
  }

  @Override
  public void flush() throws IOException {
    endSegment();
  }
}
