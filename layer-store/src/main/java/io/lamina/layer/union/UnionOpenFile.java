package io.lamina.layer.union;

import io.lamina.fs.AllocationMode;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The content of one file, opened: a lower branch's until it is copied up, by whatever name, from
 * then on the upper branch's.
 */
final class UnionOpenFile implements WritableFile {
  private final UnionFile file;
  private final boolean writable;
  private final Node.Hold hold;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** Stays open until the end: somebody may be reading it when the file moves up. */
  private final @Nullable OpenFile lower;

  private volatile @Nullable OpenFile upper;

  UnionOpenFile(UnionFile file, boolean writable) throws IOException {
    this.file = file;
    this.writable = writable;
    this.hold = file.hold();
    try {
      if (file.isUpper()) {
        lower = null;
        upper = openUpper(file.top().node());
      } else {
        lower = file.content().open();
      }
    } catch (IOException e) {
      hold.close();
      throw e;
    }
  }

  private OpenFile openUpper(Node node) throws IOException {
    return writable ? node.openForWriting() : node.open();
  }

  @Override
  public Node node() {
    return file;
  }

  private OpenFile reading() throws IOException {
    OpenFile opened = upper;
    if (opened != null) {
      return opened;
    }
    if (lower != null && !file.isUpper()) {
      return lower;
    }
    synchronized (this) {
      opened = upper;
      if (opened == null) {
        opened = openUpper(file.top().node());
        upper = opened;
      }
      return opened;
    }
  }

  private WritableFile writing(long sizeLimit) throws IOException {
    file.makeUpper(sizeLimit);
    if (reading() instanceof WritableFile opened && writable) {
      return opened;
    }
    throw new FsException(Errno.EBADF, "not open for writing");
  }

  @Override
  public long size() throws IOException {
    return reading().size();
  }

  @Override
  public int read(long offset, ByteBuffer target) throws IOException {
    return reading().read(offset, target);
  }

  @Override
  public long nextData(long offset) throws IOException {
    return reading().nextData(offset);
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return reading().nextHole(offset);
  }

  @Override
  public void write(long offset, ByteBuffer source) throws IOException {
    writing(Long.MAX_VALUE).write(offset, source);
  }

  @Override
  public long append(ByteBuffer source) throws IOException {
    return writing(Long.MAX_VALUE).append(source);
  }

  @Override
  public void truncate(long size) throws IOException {
    writing(size).truncate(size);
  }

  @Override
  public void allocate(long offset, long length, AllocationMode mode) throws IOException {
    writing(Long.MAX_VALUE).allocate(offset, length, mode);
  }

  /** Whoever wrote it: also what others did since it was opened. */
  @Override
  public void sync(boolean dataOnly) throws IOException {
    if (file.isUpper() && reading() instanceof WritableFile opened) {
      opened.sync(dataOnly);
    }
  }

  @Override
  public void close() throws IOException {
    if (!open.getAndSet(false)) {
      return;
    }
    try {
      close(lower);
    } finally {
      try {
        close(upper);
      } finally {
        hold.close();
      }
    }
  }

  private static void close(@Nullable OpenFile opened) throws IOException {
    if (opened != null) {
      opened.close();
    }
  }
}
