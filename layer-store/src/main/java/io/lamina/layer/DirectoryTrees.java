package io.lamina.layer;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.host.HostTree;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Those drivers of which each layer has a directory of its name on the host. */
abstract class DirectoryTrees extends ComparedTrees {
  private final FileTree host;

  /** The layers below a directory, by their names. */
  DirectoryTrees(Path directory) throws IOException {
    this.host = HostTree.open(directory, false);
  }

  /** The directory that all of them lie in. */
  final FileTree host() {
    return host;
  }

  /** What stands under a layer's name. */
  final Node directory(String driverId) throws IOException {
    @Nullable Node found =
        driverId.isEmpty() || driverId.indexOf('/') >= 0
            ? null
            : host.root().child(Name.of(driverId));
    return required(driverId, found);
  }

  /** What has to be there of a layer. */
  static Node required(String driverId, @Nullable Node found) throws IOException {
    if (found == null) {
      throw new FsException(Errno.ENOENT, "directory of layer " + driverId);
    }
    return found;
  }

  @Override
  public final void close() throws IOException {
    host.close();
  }
}
