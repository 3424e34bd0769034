package io.lamina.mount;

import io.lamina.fs.FileTree;
import io.lamina.fs.Timestamp;
import io.lamina.fs.virtual.VirtualOwner;
import io.lamina.ondisk.CorruptException;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.ThinPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the tree that shows a thin pool. */
public final class PoolTrees {
  private static final Logger LOG = LoggerFactory.getLogger(PoolTrees.class);

  private PoolTrees() {}

  /**
   * The tree of a pool, which must stay open as long as the tree.
   *
   * @param source what people call the pool
   * @param options how it is to be shown
   */
  public static FileTree of(ThinPool pool, String source, MountOptions options) throws IOException {
    return tree(pool, source, options);
  }

  private static PoolTree tree(ThinPool pool, String source, MountOptions options)
      throws IOException {
    ShownPool shown = new ShownThinPool(pool, source);
    return new PoolTree(shown, volumes(pool, options), owner(), options.uniqueNumbers());
  }

  /** The same for a pool whose volumes may be changed meanwhile: the tree follows them. */
  public static FileTree of(PoolVolumes changing, String source, MountOptions options)
      throws IOException {
    PoolTree tree = tree(changing.pool(), source, options);
    changing.show(new ShownVolumes(tree, changing, options));
    return tree;
  }

  static List<Volume> volumes(ThinPool pool, MountOptions options) throws IOException {
    List<Volume> volumes = new ArrayList<>();
    try {
      pool.volumes()
          .forEach(
              v ->
                  volumes.add(
                      new ThinPoolVolume(pool, v.id(), v.name(), options.toWriteOptions())));
    } catch (CorruptException e) {
      // What the mapping tree alone leads to can still be read.
      LOG.error("{}; volumes go by their ids", e.getMessage());
      volumes.clear();
      for (int id : pool.volumeIds()) {
        volumes.add(new ThinPoolVolume(pool, id, Integer.toString(id), options.toWriteOptions()));
      }
    }
    return volumes;
  }

  /** What lies in no volume belongs to whoever runs this. */
  static VirtualOwner owner() throws IOException {
    Path self = Path.of("/proc/self");
    Instant now = Instant.now();
    return new VirtualOwner(
        Integer.toUnsignedLong((int) Files.getAttribute(self, "unix:uid")),
        Integer.toUnsignedLong((int) Files.getAttribute(self, "unix:gid")),
        new Timestamp(now.getEpochSecond(), now.getNano()));
  }
}
