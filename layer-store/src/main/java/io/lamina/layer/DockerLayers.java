package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.graph.DockerStore;
import io.lamina.graph.DockerStore.LeftOut;
import io.lamina.layer.change.Change;
import io.lamina.ondisk.UnsupportedException;
import io.lamina.source.DockerPool;
import io.lamina.source.PoolSource;
import io.lamina.thin.ThinPool;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a docker root as trees, to be read. What they are called is read when it is first
 * asked for, and again after a change; layers are opened when they are looked at.
 *
 * <p>Safe for use by many threads. Trees that it gives stay open until it is closed; closing one of
 * them closes nothing that others use.
 */
public final class DockerLayers implements Closeable {
  private final DockerStore store;
  private final DriverTrees trees;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private @Nullable LayerIndex index;

  private DockerLayers(DockerStore store, DriverTrees trees) {
    this.store = store;
    this.trees = trees;
  }

  /**
   * The layers of a root.
   *
   * @param pool the root's pool, where its driver has one; it stays the caller's to close
   * @throws UnsupportedException for a storage driver whose layers are not read
   */
  public static DockerLayers open(DockerStore store, @Nullable ThinPool pool) throws IOException {
    DriverTrees trees =
        switch (store.driver()) {
          case "aufs" ->
              StoredTrees.of(
                  HostDirectories.isInPool(store.root())
                      ? PooledDirectories.read(needed(store, pool))
                      : HostDirectories.aufs(store.root(), false));
          case "overlay2" -> StoredTrees.of(HostDirectories.overlay(store.root(), false));
          case "devicemapper" -> devices(needed(store, pool));
          case "overlay" -> new LinkedTrees(store.root().resolve("overlay"));
          case "vfs" -> new WholeTrees(store.root().resolve("vfs/dir"));
          case "btrfs" -> new WholeTrees(store.root().resolve("btrfs/subvolumes"));
          default ->
              throw new UnsupportedException(
                  store.root()
                      + ": layers of the storage driver "
                      + store.driver()
                      + " are not read; those of aufs, btrfs, devicemapper, overlay, overlay2 and"
                      + " vfs are");
        };
    return new DockerLayers(store, trees);
  }

  /** The layers of a root that is changed meanwhile. */
  static DockerLayers of(DockerStore store, DriverTrees trees) {
    return new DockerLayers(store, trees);
  }

  private static DriverTrees devices(ThinPool pool) {
    return new DeviceTrees(pool, new KeptVolumeFiles(pool));
  }

  /** Whether a root's layers lie in a pool of its own. */
  public static boolean hasPool(DockerStore store) {
    return switch (store.driver()) {
      case "devicemapper" -> DockerPool.isIn(store.root());
      case "aufs" -> HostDirectories.isInPool(store.root());
      default -> false;
    };
  }

  /** Where that pool is. */
  public static PoolSource poolSource(DockerStore store, RootSource root) throws IOException {
    return store.driver().equals("aufs")
        ? PoolSource.directory(PooledDirectories.pool(store.root()))
        : root.pool();
  }

  private static ThinPool needed(DockerStore store, @Nullable ThinPool pool) throws IOException {
    if (pool == null) {
      throw new IOException(store.root() + ": its layers lie in a pool, which is not there");
    }
    return pool;
  }

  /** The records that say what there is. */
  public DockerStore store() {
    return store;
  }

  /** There are other layers, images, containers or names than before. */
  void changed() {
    synchronized (this) {
      index = null;
    }
    listeners.forEach(Runnable::run);
  }

  /** Lets somebody hear of it when layers, images, containers or names come or go. */
  public void listen(Runnable listener) {
    listeners.add(listener);
  }

  /** What the storage driver calls all layers, those of containers too. */
  public Set<String> driverIds() throws IOException {
    return index().driverIds();
  }

  /** What the storage driver calls the layers that containers write to. */
  public Set<String> containerDriverIds() throws IOException {
    return index().containerDriverIds();
  }

  private synchronized LayerIndex index() throws IOException {
    LayerIndex known = index;
    if (known == null) {
      known = LayerIndex.of(store);
      index = known;
    }
    return known;
  }

  /**
   * What images, layers and containers are called here, sorted: images by their id without {@code
   * sha256:}, containers by theirs, and with {@code -init} for the layer below their own, layers by
   * what the storage driver calls them.
   */
  public List<String> ids() throws IOException {
    return index().ids();
  }

  /** Tells of layers and containers that are not among them, because their records are damaged. */
  public void tellLeftOut(LeftOut listener) throws IOException {
    index().tellLeftOut(listener);
  }

  /**
   * One of them with all that lies below.
   *
   * @throws io.lamina.graph.NotFoundException when there is none of that id
   */
  public synchronized LayerStack stack(String id) throws IOException {
    return index().stack(id);
  }

  /** The one that somebody means by a name, an id, or the first digits of one. */
  public synchronized LayerStack find(String text) throws IOException {
    return index().find(text);
  }

  /** How docker counted the bytes of each layer, by what the driver calls it. */
  public synchronized Map<String, Long> sizes(LeftOut damaged) throws IOException {
    return index().sizes(damaged);
  }

  /** What a stack looks like. */
  public FileTree merged(LayerStack stack) throws IOException {
    return trees.merged(stack);
  }

  /**
   * What its own layer changed: as the driver stores it, for devices computed, in aufs' notation.
   */
  public FileTree diff(LayerStack stack) throws IOException {
    return trees.diff(stack);
  }

  /** What a tar of its own layer has, in aufs' notation, beside aufs' own files. */
  public FileTree content(LayerStack stack) throws IOException {
    return trees.content(stack);
  }

  /**
   * A tree in which the files that its own layer brought have their names; others may be in it too.
   */
  public FileTree files(LayerStack stack) throws IOException {
    return trees.files(stack);
  }

  /** How much room its own layer takes. */
  public LayerSize size(LayerStack stack) throws IOException {
    return trees.size(stack);
  }

  /** What its own layer changed, as {@code docker diff} tells it. */
  public List<Change> changes(LayerStack stack) throws IOException {
    return trees.changes(stack);
  }

  @Override
  public void close() throws IOException {
    trees.close();
  }
}
