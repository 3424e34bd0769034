package io.lamina.mount;

import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a mounted tree in step with the volumes of its pool while they are changed. */
final class ShownVolumes implements PoolVolumes.Audience {
  private static final Logger LOG = LoggerFactory.getLogger(ShownVolumes.class);

  private final PoolTree tree;
  private final PoolVolumes volumes;
  private final MountOptions options;

  /** Whose files were closed for the change that is just made. */
  private final List<VolumeDirectory> released = new ArrayList<>();

  ShownVolumes(PoolTree tree, PoolVolumes volumes, MountOptions options) {
    this.options = options;
    this.tree = tree;
    this.volumes = volumes;
  }

  @Override
  public void settle(int deviceId) throws IOException {
    VolumeDirectory files = tree.files(deviceId);
    if (files != null) {
      files.sync();
    }
  }

  @Override
  public void release(int deviceId) throws IOException {
    VolumeDirectory files = tree.files(deviceId);
    if (files != null) {
      files.release();
      released.add(files);
    }
  }

  @Override
  public void changed() {
    try {
      tree.show(PoolTrees.volumes(volumes.pool(), options));
    } catch (IOException e) {
      LOG.error("volumes are shown as they were: {}", e.getMessage());
    } finally {
      released.forEach(VolumeDirectory::takeBack);
      released.clear();
    }
  }
}
