package io.lamina.fuse.protocol;

import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.WritableFile;
import java.io.IOException;

/** Opens files as the flags of {@code open(2)} say; the kernel has asked whether the caller may. */
public final class Opening {
  static final int O_EXCL = 0200;
  static final int O_TRUNC = 01000;
  private static final int O_ACCMODE = 3;
  private static final int O_WRONLY = 1;

  private Opening() {}

  /** Whether flags ask for writing and not for reading. */
  static boolean isWriteOnly(int flags) {
    return (flags & O_ACCMODE) == O_WRONLY;
  }

  /** Opens a file. */
  public static OpenFile open(Node node, int flags) throws IOException {
    if ((flags & (O_ACCMODE | O_TRUNC)) == 0) {
      return node.open();
    }
    WritableFile file = node.openForWriting();
    if ((flags & O_TRUNC) == 0 || node.hasFixedSize()) {
      return file;
    }
    try {
      file.truncate(0);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
    return file;
  }
}
