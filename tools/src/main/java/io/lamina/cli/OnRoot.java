package io.lamina.cli;

import java.nio.file.Path;

/** A command on one docker root. While that is mounted for writing, the mount's process runs it. */
interface OnRoot extends OnPool {
  /** Which root. */
  RootArguments root();

  /** A mounted root is called by its directory. */
  @Override
  default Path metadataFile() {
    return root().path();
  }
}
