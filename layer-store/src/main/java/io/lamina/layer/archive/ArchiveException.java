package io.lamina.layer.archive;

import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import java.io.IOException;

/** An archive that breaks its format, lies, or would write where it must not. */
public final class ArchiveException extends IOException {
  /** What is wrong with the archive as a whole. */
  public ArchiveException(String problem) {
    super(problem);
  }

  /** What is wrong with the archive as a whole, found in something else that went wrong. */
  public ArchiveException(String problem, Throwable cause) {
    super(problem, cause);
  }

  /** What is wrong with one of its entries. */
  public ArchiveException(Name entry, String problem) {
    super("entry " + entry + ": " + problem);
  }

  /** What the tree that one of its entries goes to does not take. */
  public ArchiveException(Name entry, FsException cause) {
    super("entry " + entry + ": " + cause.getMessage(), cause);
  }
}
