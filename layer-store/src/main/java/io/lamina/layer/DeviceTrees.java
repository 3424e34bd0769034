package io.lamina.layer;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.SubTree;
import io.lamina.thin.ThinPool;
import java.io.IOException;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Docker's devicemapper driver: a layer is a thin device, a snapshot of the one below, and its
 * files lie in the directory {@code rootfs} of it.
 */
final class DeviceTrees extends ComparedTrees {
  static final Name ROOT = Name.of("rootfs");

  private final ThinPool pool;
  private volatile VolumeFiles files;

  /** Closing it leaves the pool open. */
  DeviceTrees(ThinPool pool, VolumeFiles files) {
    this.pool = pool;
    this.files = files;
  }

  /** Who keeps the files of the volumes open. */
  VolumeFiles files() {
    return files;
  }

  /** From now on, somebody else keeps the files of the volumes open. */
  void share(VolumeFiles others) {
    files = others;
  }

  @Override
  public FileTree merged(LayerStack stack) throws IOException {
    Layer layer = stack.top().orElse(null);
    if (layer == null) {
      return EmptyTree.INSTANCE;
    }
    FileTree volume = volume(layer.driverId());
    return new SubTree(volume, root(layer.driverId(), volume));
  }

  /** The directory of a device that holds the layer. */
  static Node root(String name, FileTree volume) throws IOException {
    @Nullable Node root = volume.root().child(ROOT);
    if (root == null) {
      throw new FsException(Errno.ENOENT, "device " + name + ": " + ROOT);
    }
    return root;
  }

  private FileTree volume(String name) throws IOException {
    return files.files(name);
  }

  private int deviceId(String name) throws IOException {
    return KeptVolumeFiles.deviceId(pool, name);
  }

  @Override
  public LayerSize size(LayerStack stack) throws IOException {
    Layer layer = stack.top().orElse(null);
    if (layer == null) {
      return new LayerSize(0, 0, 0);
    }
    int id = deviceId(layer.driverId());
    long unique = pool.exclusivelyMappedBlocks(id) * pool.dataBlockBytes();
    long mapped = pool.mappedBlocks(id) * pool.dataBlockBytes();
    return new LayerSize(TreeSize.of(diff(stack).root()).apparentBytes(), unique, mapped - unique);
  }

  @Override
  LongPredicate mayDiffer(LayerStack stack) throws IOException {
    String own = stack.layers().get(0).driverId();
    String below = stack.below().get(0).driverId();
    return ChangedInodes.between(pool, deviceId(below), volume(below), deviceId(own), volume(own));
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
