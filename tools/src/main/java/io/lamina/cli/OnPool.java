package io.lamina.cli;

import java.io.IOException;
import java.nio.file.Path;

/** A command on one pool. While that is mounted for writing, the mount's process runs it. */
interface OnPool {
  /** The file or block device of the pool's metadata; it need not be there. */
  Path metadataFile() throws IOException;
}
