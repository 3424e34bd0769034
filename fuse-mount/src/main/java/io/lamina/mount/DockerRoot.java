package io.lamina.mount;

import io.lamina.fs.FileTree;
import io.lamina.graph.DockerStore;
import io.lamina.layer.DockerLayers;
import io.lamina.source.DockerPool;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A docker root, opened to be read: its records, its layers, and its pool where it has one. */
public final class DockerRoot implements Closeable {
  private final Deque<Closeable> opened = new ArrayDeque<>();
  private final DockerLayers layers;
  private final @Nullable ThinPool pool;
  private final String name;
  private @Nullable FileTree tree;

  private DockerRoot(Path root, PoolOptions options) throws IOException {
    this.name = root.toString();
    DockerStore store = DockerStore.open(root);
    try {
      ThinPool found = null;
      if (store.driver().equals("devicemapper") && DockerPool.isIn(root)) {
        found = ThinPool.open(PoolSource.find(root), options);
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
  public static DockerRoot open(Path root, PoolOptions options) throws IOException {
    return new DockerRoot(root, options);
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
    FileTree poolTree = null;
    if (pool != null) {
      poolTree = PoolTrees.of(pool, name, options);
      opened.push(poolTree);
    }
    FileTree made = new DockerTree(layers, poolTree, PoolTrees.owner());
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
