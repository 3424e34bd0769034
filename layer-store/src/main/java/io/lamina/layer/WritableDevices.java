package io.lamina.layer;

import io.lamina.ext4.WriteOptions;
import io.lamina.fs.FileTree;
import io.lamina.layer.archive.LayerApply.WhiteoutUse;
import io.lamina.source.VolumeRecord;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.WritablePool;
import io.lamina.thin.WritableVolume;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import java.util.Optional;

/**
 * Docker's devicemapper driver, written to: a new layer is a snapshot of the one below, or of the
 * base device, in which the changes are made. Nothing is copied.
 */
final class WritableDevices implements WritableDriver {
  /** The device that the lowest layers are snapshots of: a file system with an empty rootfs. */
  static final String BASE = "base";

  /** What is read on the way is not read by anybody. */
  private static final WriteOptions WRITING = new WriteOptions(true, false);

  private final PoolVolumes volumes;
  private final DeviceNotes notes;
  private final KeptVolumeFiles kept;
  private final DeviceTrees trees;

  WritableDevices(PoolVolumes volumes, DeviceNotes notes) {
    this.volumes = volumes;
    this.notes = notes;
    this.kept = new KeptVolumeFiles(volumes.pool());
    this.trees = new DeviceTrees(volumes.pool(), kept);
    volumes.show(kept);
  }

  @Override
  public Optional<PoolVolumes> volumes() {
    return Optional.of(volumes);
  }

  @Override
  public void share(VolumeFiles files) throws IOException {
    kept.close();
    trees.share(files);
  }

  @Override
  public void requireUnused(String driverId) throws IOException {
    trees.files().requireUnused(driverId);
  }

  @Override
  public WhiteoutUse whiteouts() {
    return WhiteoutUse.OBEY;
  }

  @Override
  public boolean has(String driverId) {
    return record(driverId).isPresent();
  }

  private Optional<VolumeRecord> record(String driverId) {
    return volumes.recorded().stream().filter(volume -> volume.name().equals(driverId)).findAny();
  }

  @Override
  public void create(String driverId, LayerStack below, Content content) throws IOException {
    String origin = below.top().map(Layer::driverId).orElse(BASE);
    volumes.snapshot(
        origin,
        driverId,
        (volume, size) -> {
          if (content != Content.NONE) {
            write(driverId, volume, content);
          }
          return size;
        });
    record(driverId).ifPresent(notes::made);
  }

  private static void write(String driverId, WritableVolume volume, Content content)
      throws IOException {
    try (FileTree files = VolumeFileSystem.openWritable(volume, WRITING)) {
      content.writeTo(files, DeviceTrees.root(driverId, files));
    }
  }

  /** A device holds all that lies below, too. */
  @Override
  public void createMerged(String driverId, LayerStack below, Content content) throws IOException {
    create(driverId, below, content);
  }

  @Override
  public FileTree openWritable(LayerStack stack) throws IOException {
    String name = stack.top().orElseThrow().driverId();
    WritableVolume volume = volumes.volume(name);
    kept.release(volume.id()); // what was read of it may be old soon
    FileTree files = VolumeFileSystem.openWritable(volume, WRITING);
    return new RootFs(files, DeviceTrees.root(name, files));
  }

  @Override
  public FileTree contentNow(LayerStack container, String snapshotName) throws IOException {
    String own = container.top().orElseThrow().driverId();
    volumes.snapshot(own, snapshotName, WritableDevices::replay);
    record(snapshotName).ifPresent(notes::made);
    WritablePool pool = volumes.pool();
    int deviceId = KeptVolumeFiles.deviceId(pool, snapshotName);
    FileTree files = VolumeFileSystem.open(KeptVolumeFiles.sized(pool, deviceId));
    boolean done = false;
    try {
      DeviceTrees beside =
          new DeviceTrees(pool, new SnapshotFiles(snapshotName, files, trees.files()));
      LayerStack snapshot = container.parent().under(new Layer(snapshotName, snapshotName));
      FileTree content = new RootFs(files, beside.content(snapshot).root());
      done = true;
      return content;
    } finally {
      if (!done) {
        files.close();
      }
    }
  }

  /** Brings home what is in the log: only of such a volume the mappings tell what changed. */
  private static long replay(WritableVolume volume, long size) throws IOException {
    VolumeFileSystem.openWritable(volume, WRITING).close();
    return size;
  }

  @Override
  public void rename(String driverId, String newDriverId) throws IOException {
    volumes.rename(driverId, newDriverId);
  }

  @Override
  public void remove(String driverId) throws IOException {
    if (has(driverId)) {
      volumes.remove(driverId);
    }
  }

  @Override
  public DriverTrees trees() {
    return trees;
  }

  @Override
  public void close() throws IOException {
    try (volumes) {
      trees.close();
    }
  }
}
