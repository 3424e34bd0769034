package io.lamina.mount;

import io.lamina.fs.FileTree;
import io.lamina.graph.DockerStore;
import io.lamina.layer.DockerLayers;
import io.lamina.layer.RootSource;
import io.lamina.layer.WritableRoot;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.ThinPool;
import io.lamina.thin.WriteOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A docker root, opened: its records, its layers, and its pool where it has one. */
public final class DockerRoot implements Closeable {
  private final Deque<Closeable> opened = new ArrayDeque<>();
  private final DockerLayers layers;
  private final @Nullable ThinPool pool;
  private final String name;
  private final @Nullable WritableRoot changing;
  private @Nullable FileTree tree;

  private DockerRoot(RootSource root, PoolOptions options) throws IOException {
    this.name = root.path().toString();
    this.changing = null;
    DockerStore store = root.open();
    try {
      ThinPool found = null;
      if (DockerLayers.hasPool(store)) {
        found = ThinPool.open(DockerLayers.poolSource(store, root), options);
        opened.push(found);
      }
      this.pool = found;
      this.layers = DockerLayers.open(store, found);
      opened.push(layers);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens a root.
   *
   * @throws IOException when it is none, or its layers or its pool cannot be opened
   */
  public static DockerRoot open(RootSource root, PoolOptions options) throws IOException {
    return new DockerRoot(root, options);
  }

  /** Opens a root of one driver. */
  public static DockerRoot open(Path root, PoolOptions options) throws IOException {
    return open(RootSource.of(root), options);
  }

  private DockerRoot(RootSource root, WriteOptions options) throws IOException {
    this.name = root.path().toString();
    WritableRoot writable = WritableRoot.open(root, options);
    opened.push(writable);
    this.changing = writable;
    this.layers = writable.layers();
    this.pool = writable.volumes().map(PoolVolumes::pool).orElse(null);
  }

  /**
   * Opens a root to be changed, by this process alone.
   *
   * @throws IOException as {@link WritableRoot#open}
   */
  public static DockerRoot openWritable(RootSource root, WriteOptions options) throws IOException {
    return new DockerRoot(root, options);
  }

  /** Opens a root of one driver to be changed. */
  public static DockerRoot openWritable(Path root, WriteOptions options) throws IOException {
    return openWritable(RootSource.of(root), options);
  }

  /** What changes it, where it is open for that. */
  public Optional<WritableRoot> changing() {
    return Optional.ofNullable(changing);
  }

  /** Its layers, and through them its records. */
  public DockerLayers layers() {
    return layers;
  }

  /** Its pool, where it has one. */
  public @Nullable ThinPool pool() {
    return pool;
  }

  /** The whole of it as a tree, which stays open until this is closed. */
  public FileTree tree() throws IOException {
    if (tree == null) {
      tree = tree(MountOptions.parse(List.of()));
    }
    return tree;
  }

  /** The same, shown as the options of a mount say. */
  public FileTree tree(MountOptions options) throws IOException {
    return pushed(changing == null ? readOnlyTree(options) : changingTree(changing, options));
  }

  private FileTree readOnlyTree(MountOptions options) throws IOException {
    @Nullable FileTree poolTree = pool == null ? null : pushed(PoolTrees.of(pool, name, options));
    return DockerTree.of(layers, poolTree, PoolTrees.owner());
  }

  private FileTree changingTree(WritableRoot root, MountOptions options) throws IOException {
    @Nullable PoolVolumes volumes = root.volumes().orElse(null);
    if (volumes == null) {
      return DockerTree.changing(root, null, root::merged, PoolTrees.owner());
    }
    ShownStore shown = new ShownStore(root, volumes, name, options);
    pushed(shown.tree());
    return DockerTree.changing(root, shown.tree(), shown::merged, PoolTrees.owner());
  }

  private FileTree pushed(FileTree made) {
    opened.push(made);
    return made;
  }

  /** What was opened last is closed first. */
  @Override
  public void close() throws IOException {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }
}
