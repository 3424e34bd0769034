package io.lamina.cli;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.mount.SizedVolume;
import io.lamina.thin.ThinPool;
import io.lamina.volume.VolumeFileSystem;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** The pools and volumes that the arguments of one command name, each opened once. */
final class OpenPools implements Closeable {
  private final PoolArguments arguments;
  private final Map<String, ThinPool> pools = new HashMap<>();
  private final Map<String, FileTree> trees = new HashMap<>();
  private final Deque<Closeable> opened = new ArrayDeque<>();

  OpenPools(PoolArguments arguments) {
    this.arguments = arguments;
  }

  Location location(String latin1) {
    return Location.parse(latin1, arguments.nameThePool(), PoolArguments::isPool);
  }

  /** The files of the volume that a location names. */
  FileTree tree(Location location) throws IOException {
    String source = location.source() == null ? "" : location.source();
    ThinPool pool = pools.get(source);
    if (pool == null) {
      pool = arguments.open(location.source());
      opened.push(pool);
      pools.put(source, pool);
    }
    String key = source + ":" + location.volume();
    FileTree tree = trees.get(key);
    if (tree == null) {
      tree = open(pool, location);
      opened.push(tree);
      trees.put(key, tree);
    }
    return tree;
  }

  private static FileTree open(ThinPool pool, Location location) throws IOException {
    String name = Text.display(location.volume());
    int id =
        pool.find(name)
            .orElseThrow(() -> new FsException(Errno.ENOENT, "volume " + name + " of the pool"));
    try {
      return VolumeFileSystem.open(SizedVolume.of(pool, id));
    } catch (IOException e) {
      throw new IOException("volume " + name + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }
}
