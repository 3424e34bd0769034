package io.lamina.layer;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.SubTree;
import io.lamina.layer.change.Change;
import io.lamina.layer.change.DiffTree;
import io.lamina.layer.change.TreeComparison;
import io.lamina.thin.ThinPool;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Docker's devicemapper driver: a layer is a thin device, a snapshot of the one below, and its
 * files lie in the directory {@code rootfs} of it.
 */
final class DeviceTrees implements DriverTrees {
  private static final Name ROOT = Name.of("rootfs");

  private final ThinPool pool;
  private final Map<String, FileTree> volumes = new TreeMap<>();

  /** Closing it leaves the pool open. */
  DeviceTrees(ThinPool pool) {
    this.pool = pool;
  }

  @Override
  public FileTree merged(LayerStack stack) throws IOException {
    Layer layer = stack.top().orElse(null);
    if (layer == null) {
      return EmptyTree.INSTANCE;
    }
    FileTree volume = volume(layer.driverId());
    @Nullable Node root = volume.root().child(ROOT);
    if (root == null) {
      throw new FsException(Errno.ENOENT, "device " + layer.driverId() + ": " + ROOT);
    }
    return new SubTree(volume, root);
  }

  private synchronized FileTree volume(String name) throws IOException {
    FileTree known = volumes.get(name);
    if (known == null) {
      known = VolumeFileSystem.open(pool.volume(deviceId(name)));
      volumes.put(name, known);
    }
    return known;
  }

  private int deviceId(String name) throws IOException {
    return pool.find(name)
        .orElseThrow(() -> new FsException(Errno.ENOENT, "device " + name + " of the pool"));
  }

  @Override
  public FileTree diff(LayerStack stack) throws IOException {
    return DiffTree.of(changes(stack), merged(stack));
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
  public List<Change> changes(LayerStack stack) throws IOException {
    Node after = merged(stack).root();
    if (stack.below().isEmpty()) {
      return TreeComparison.changes(null, after);
    }
    String own = stack.layers().get(0).driverId();
    String below = stack.below().get(0).driverId();
    LongPredicate changed =
        ChangedInodes.between(pool, deviceId(below), volume(below), deviceId(own), volume(own));
    return TreeComparison.changes(merged(stack.parent()).root(), after, changed);
  }

  @Override
  public synchronized void close() throws IOException {
    for (FileTree volume : volumes.values()) {
      volume.close();
    }
  }
}
