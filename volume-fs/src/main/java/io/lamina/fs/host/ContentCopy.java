package io.lamina.fs.host;

import io.lamina.fs.Attributes;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The content of one regular file on its way to the host, in segments that several threads copy.
 * Who comes last gives the file its attributes and closes it.
 */
final class ContentCopy {
  private static final long SEGMENT_BYTES = 16 << 20;
  private static final int BUFFER_BYTES = 1 << 20;
  private static final ThreadLocal<ByteBuffer> BUFFER =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));

  private final Libc libc;
  private final AttributeCopy attributeCopy;
  private final Node node;
  private final Attributes attributes;
  private final int fd;
  private final CopyListener listener;
  private final AttributeCopy.Problems problems;

  /** Segments under way, and one for who hands them out. */
  private final AtomicInteger pending = new AtomicInteger(1);

  /**
   * A copy to a new, empty file, which it closes.
   *
   * @param attributes of the file to copy
   */
  ContentCopy(
      Libc libc,
      AttributeCopy attributeCopy,
      Node node,
      Attributes attributes,
      int fd,
      CopyListener listener,
      AttributeCopy.Problems problems) {
    this.libc = libc;
    this.attributeCopy = attributeCopy;
    this.node = node;
    this.attributes = attributes;
    this.fd = fd;
    this.listener = listener;
    this.problems = problems;
  }

  /** Copies what is not holes, large files in pieces that the executor takes. */
  void run(Executor executor) {
    if (attributes.size() == 0) {
      segmentDone(null);
      return;
    }
    OpenFile source;
    try {
      source = node.open();
    } catch (IOException e) {
      problems.add(e);
      segmentDone(null);
      return;
    }
    problems.of(() -> handOut(source, executor));
    segmentDone(source);
  }

  private void handOut(OpenFile source, Executor executor) throws IOException {
    long size = source.size();
    if (size <= SEGMENT_BYTES) {
      if (copy(source, 0, size) < size) {
        libc.setSize(fd, size);
      }
    } else {
      libc.setSize(fd, size);
      for (long from = source.nextData(0); from < size; from = source.nextData(from)) {
        long start = from;
        long end = Math.min(start + SEGMENT_BYTES, size);
        pending.incrementAndGet();
        executor.execute(
            () -> {
              problems.of(() -> copy(source, start, end));
              segmentDone(source);
            });
        from = end;
      }
    }
  }

  /** Copies the data of a range; gives where the last of it ends. */
  private long copy(OpenFile source, long start, long end) throws IOException {
    ByteBuffer buffer = BUFFER.get();
    long written = start;
    for (long from = source.nextData(start); from < end; from = source.nextData(from)) {
      long hole = Math.min(source.nextHole(from), end);
      if (hole <= from) {
        throw new IOException("no end of the data at " + from);
      }
      while (from < hole) {
        int readCount = source.read(from, buffer.clear().limit(length(hole - from)));
        if (readCount <= 0) {
          throw new IOException("ends at " + from + ", before its size of " + attributes.size());
        }
        libc.write(fd, buffer.flip(), from);
        listener.copied(readCount);
        from += readCount;
      }
      written = from;
    }
    return written;
  }

  private static int length(long byteCount) {
    return (int) Math.min(byteCount, BUFFER_BYTES);
  }

  private void segmentDone(@Nullable OpenFile source) {
    if (pending.decrementAndGet() == 0) {
      if (source != null) {
        problems.of(source::close);
      }
      attributeCopy.toOpen(fd, node, attributes, problems);
      problems.of(() -> libc.close(fd));
      listener.made();
    }
  }
}
