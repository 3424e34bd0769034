package io.lamina.fuse;

import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.OpenFile;
import java.io.IOException;

/** A file that throws whatever is asked of it but its attributes. */
final class Failing extends MemoryNode {
  private final Kind kind;

  Failing(Kind kind) {
    super(FileType.REGULAR);
    this.kind = kind;
  }

  /** What it throws, and what a person sees then. */
  enum Kind {
    NAMED("Too many levels of symbolic links"),
    STALE("Stale file handle"),
    DEVICE("Input/output error"),
    BUG("Input/output error"),
    STACK("Input/output error"),
    MEMORY("Input/output error"),
    NO_MEMORY_FOR_A_LINE("Input/output error");

    final String message;

    Kind(String message) {
      this.message = message;
    }

    IOException thrown() {
      return switch (this) {
        case NAMED -> new FsException(Errno.ELOOP, "it");
        case STALE -> new FsException(Errno.ESTALE, "it");
        case DEVICE -> new IOException("inode 12 at block 7: checksum: expected 1, found 2");
        case BUG -> throw new IndexOutOfBoundsException("index 12");
        case STACK -> throw new StackOverflowError();
        case MEMORY -> throw new OutOfMemoryError("asked for too much");
        case NO_MEMORY_FOR_A_LINE -> throw new NoMemory();
      };
    }
  }

  /** There is not even enough for what is logged. */
  private static final class NoMemory extends OutOfMemoryError {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw this;
    }
  }

  @Override
  public OpenFile open() throws IOException {
    throw kind.thrown();
  }

  @Override
  public byte[] xattr(Name name) throws IOException {
    throw kind.thrown();
  }

  @Override
  public int flags() throws IOException {
    throw kind.thrown();
  }
}
