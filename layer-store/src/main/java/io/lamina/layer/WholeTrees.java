package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.SubTree;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Docker's vfs and btrfs drivers: a layer is a directory with all files, those of the layer below
 * copied into it, or a subvolume that is a snapshot of it.
 *
 * @see <a
 *     href="https://github.com/moby/moby/blob/v20.10.24/daemon/graphdriver/vfs/driver.go">docker's
 *     vfs</a> and <a
 *     href="https://github.com/moby/moby/blob/v20.10.24/daemon/graphdriver/btrfs/btrfs.go">btrfs</a>
 */
final class WholeTrees extends DirectoryTrees {
  WholeTrees(Path directory) throws IOException {
    super(directory);
  }

  @Override
  public FileTree merged(LayerStack stack) throws IOException {
    Layer layer = stack.top().orElse(null);
    if (layer == null) {
      return EmptyTree.INSTANCE;
    }
    return new SubTree(host(), directory(layer.driverId()));
  }

  @Override
  public LayerSize size(LayerStack stack) throws IOException {
    if (stack.top().isEmpty()) {
      return new LayerSize(0, 0, 0);
    }
    long apparent = TreeSize.of(diff(stack).root()).apparentBytes();
    return new LayerSize(apparent, TreeSize.of(merged(stack).root()).takenBytes(), 0);
  }
}
