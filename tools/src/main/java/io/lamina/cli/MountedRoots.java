package io.lamina.cli;

import io.lamina.fs.AccessTimes;
import io.lamina.layer.RootSource;
import io.lamina.layer.WritableRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The one docker root that this process has mounted, for a command of another process. */
record MountedRoots(WritableRoot root, Path directory, Path mountedAt) implements Roots {
  @Override
  public Optional<Path> mountPoint() {
    return Optional.of(mountedAt);
  }

  @Override
  public Optional<Path> mounted() {
    return Optional.of(directory);
  }

  @Override
  public void look(RootSource asked, Look look) throws IOException {
    require(asked);
    AccessTimes.leave(() -> look.at(root.layers()));
  }

  /**
   * Who mounted it has said that it may be changed. One command at a time: what one has added and
   * not yet used, another would take for rubbish.
   */
  @Override
  public void change(RootSource asked, boolean evenDockers, Change change) throws IOException {
    require(asked);
    synchronized (root) {
      AccessTimes.leave(() -> change.of(root));
    }
  }

  private void require(RootSource asked) throws IOException {
    if (!Files.isSameFile(asked.path(), directory)) {
      throw new IOException(asked.path() + ": is not the root that is mounted");
    }
    String mounted = root.store().driver();
    if (asked.driver() != null && !asked.driver().equals(mounted)) {
      throw new IOException(asked.path() + ": is mounted with its storage driver " + mounted);
    }
  }
}
