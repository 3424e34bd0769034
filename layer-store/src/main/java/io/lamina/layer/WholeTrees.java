package io.lamina.layer;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.SubTree;
import io.lamina.fs.host.HostTree;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Docker's vfs and btrfs drivers: a layer is a directory with all files, those of the layer below
 * copied into it, or a subvolume that is a snapshot of it.
 *
 * @see <a
 *     href="https://github.com/moby/moby/blob/v20.10.24/daemon/graphdriver/vfs/driver.go">docker's
 *     vfs</a> and <a
 *     href="https://github.com/moby/moby/blob/v20.10.24/daemon/graphdriver/btrfs/btrfs.go">btrfs</a>
 */
final class WholeTrees extends ComparedTrees {
  private final FileTree host;

  private WholeTrees(FileTree host) {
    this.host = host;
  }

  /** The layers below a directory, by their names. */
  static WholeTrees in(Path directory) throws IOException {
    return new WholeTrees(HostTree.open(directory, false));
  }

  @Override
  public FileTree merged(LayerStack stack) throws IOException {
    Layer layer = stack.top().orElse(null);
    if (layer == null) {
      return EmptyTree.INSTANCE;
    }
    @Nullable Node root = host.root().child(Name.of(layer.driverId()));
    if (root == null) {
      throw new FsException(Errno.ENOENT, "directory of layer " + layer.driverId());
    }
    return new SubTree(host, root);
  }

  @Override
  public LayerSize size(LayerStack stack) throws IOException {
    if (stack.top().isEmpty()) {
      return new LayerSize(0, 0, 0);
    }
    long apparent = TreeSize.of(diff(stack).root()).apparentBytes();
    return new LayerSize(apparent, TreeSize.of(merged(stack).root()).takenBytes(), 0);
  }

  @Override
  public void close() throws IOException {
    host.close();
  }
}
