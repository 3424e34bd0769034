package io.lamina.cli;

import io.lamina.layer.DockerLayers;
import io.lamina.layer.RootSource;
import io.lamina.layer.WritableRoot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** How a command comes by a docker root: it is opened for it, or it is open already. */
interface Roots {
  /** Looks at a root. */
  interface Look {
    /** Looks at it, open as it is only meanwhile. */
    void at(DockerLayers layers) throws IOException;
  }

  /** Changes a root. */
  interface Change {
    /** Changes it, open as it is only meanwhile. */
    void of(WritableRoot root) throws IOException;
  }

  /** The root that this process has mounted, which is meant where none is named. */
  default Optional<Path> mounted() {
    return Optional.empty();
  }

  /** Where that is mounted. */
  default Optional<Path> mountPoint() {
    return Optional.empty();
  }

  /** Looks at a root's layers. */
  void look(RootSource root, Look look) throws IOException;

  /**
   * Changes a root.
   *
   * @param evenDockers whether it may be one of docker's, too
   */
  void change(RootSource root, boolean evenDockers, Change change) throws IOException;
}
