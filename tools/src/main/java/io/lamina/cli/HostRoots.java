package io.lamina.cli;

import io.lamina.fs.AccessTimes;
import io.lamina.layer.RootSource;
import io.lamina.layer.WritableRoot;
import io.lamina.mount.DockerRoot;
import io.lamina.thin.PoolOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Docker roots of this host, opened for one command and closed after it. */
final class HostRoots implements Roots {
  @Override
  public void look(RootSource root, Look look) throws IOException {
    MountedCommands.refuse(root.path());
    try (DockerRoot opened = DockerRoot.open(root, PoolOptions.DEFAULT)) {
      look.at(opened.layers());
    }
  }

  @Override
  public void change(RootSource root, boolean evenDockers, Change change) throws IOException {
    requireOwn(root.path(), evenDockers);
    try (WritableRoot opened = WritableRoot.open(root, WriteArguments.usual())) {
      AccessTimes.leave(() -> change.of(opened));
    }
  }

  /**
   * Refuses a root of docker's that is not to be changed.
   *
   * @throws IOException that says what to do
   */
  static void requireOwn(Path root, boolean evenDockers) throws IOException {
    if (!evenDockers && !WritableRoot.isOwn(root)) {
      throw new IOException(root + ": is docker's own; --rw changes it all the same");
    }
  }
}
