package io.lamina.mount;

import io.lamina.ext4.WriteOptions;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.SubTree;
import io.lamina.layer.DockerLayers;
import io.lamina.layer.Layer;
import io.lamina.layer.LayerStack;
import io.lamina.layer.VolumeFiles;
import io.lamina.layer.WritableRoot;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.VolumeSummary;
import io.lamina.thin.WritablePool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A docker root that is changed while it is mounted, as far as its layers lie in a pool: whose
 * volumes are shown, and who has their files open. Each volume's files are open once, for the mount
 * and for the commands that run in its process.
 */
final class ShownStore implements PoolVolumes.Audience, VolumeFiles {
  private static final Logger LOG = LoggerFactory.getLogger(ShownStore.class);
  private static final Name ROOT = Name.of("rootfs");

  private final WritableRoot root;
  private final PoolVolumes volumes;
  private final WriteOptions writing;
  private final PoolTree tree;

  /** Whose files were closed for the change that is just made. */
  private final List<VolumeDirectory> released = new ArrayList<>();

  ShownStore(WritableRoot root, PoolVolumes volumes, String name, MountOptions options)
      throws IOException {
    this.root = root;
    this.volumes = volumes;
    this.writing = options.toWriteOptions();
    this.tree =
        PoolTree.ofStore(new ShownThinPool(volumes.pool(), name), shown(), PoolTrees.owner());
    volumes.show(this);
    root.share(this);
    root.layers().listen(this::changed);
  }

  PoolTree tree() {
    return tree;
  }

  /** Those that have been made as a whole. */
  private List<Volume> shown() throws IOException {
    DockerLayers layers = root.layers();
    Set<String> known = layers.driverIds();
    Set<String> containers = layers.containerDriverIds();
    @Nullable FileTree lent = root.pooledFiles().orElse(null);
    List<Volume> shown = new ArrayList<>();
    WritablePool pool = volumes.pool();
    for (VolumeSummary volume : pool.volumes()) {
      int id = volume.id();
      String name = volume.name();
      if (lent != null) {
        shown.add(StoreVolume.lent(pool, id, name, lent));
      } else if (containers.contains(name)) {
        shown.add(StoreVolume.container(pool, id, name, writing));
      } else if (known.contains(name) || name.equals(WritableRoot.BASE_VOLUME)) {
        shown.add(StoreVolume.layer(pool, id, name));
      }
    }
    return shown;
  }

  /** What a stack looks like: a container's own volume is the one that is written to. */
  FileTree merged(LayerStack stack) throws IOException {
    @Nullable Layer own = stack.top().orElse(null);
    if (root.pooledFiles().isPresent() || own == null) {
      return root.merged(stack);
    }
    Node top = directory(own.driverId()).root();
    @Nullable Node files = top.child(ROOT);
    if (files == null) {
      throw new FsException(Errno.ENOENT, stack.id() + ": " + ROOT);
    }
    return new SubTree(tree, files);
  }

  private VolumeDirectory directory(String volumeName) throws IOException {
    int deviceId =
        volumes
            .pool()
            .find(volumeName)
            .orElseThrow(() -> new FsException(Errno.ENOENT, "device " + volumeName));
    @Nullable VolumeDirectory found = tree.files(deviceId);
    if (found == null) {
      throw new FsException(Errno.ENOENT, "device " + volumeName);
    }
    return found;
  }

  @Override
  public FileTree files(String volumeName) throws IOException {
    return directory(volumeName).files();
  }

  @Override
  public void requireUnused(String volumeName) throws IOException {
    directory(volumeName).requireIdle();
  }

  @Override
  public void settle(int deviceId) throws IOException {
    @Nullable VolumeDirectory files = tree.files(deviceId);
    if (files != null) {
      files.sync();
    }
  }

  @Override
  public void release(int deviceId) throws IOException {
    @Nullable VolumeDirectory files = tree.files(deviceId);
    if (files != null) {
      files.release();
      released.add(files);
    }
  }

  @Override
  public void changed() {
    try {
      tree.show(shown());
    } catch (IOException e) {
      LOG.error("volumes are shown as they were: {}", e.getMessage());
    } finally {
      released.forEach(VolumeDirectory::takeBack);
      released.clear();
    }
  }

  /** The tree has its own closing. */
  @Override
  public void close() {}
}
