package io.lamina.fs.host;

import java.io.IOException;

/** Who wants to know how a copy goes on. Called by several threads. */
public interface CopyListener {
  /** More bytes of files have been written. */
  void copied(long byteCount);

  /** A file, of whatever type, is there. */
  void made();

  /** A file, or something about it, could not be copied. The copy goes on with the rest. */
  void failed(String hostPath, IOException problem);
}
