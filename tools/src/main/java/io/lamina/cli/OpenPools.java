package io.lamina.cli;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.thin.ThinPool;
import io.lamina.thin.ThinVolume;
import io.lamina.volume.FileSystemInfo;
import io.lamina.volume.VolumeFileSystem;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

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
      return VolumeFileSystem.open(sized(pool.volume(id)));
    } catch (IOException e) {
      throw new IOException("volume " + name + ": " + e.getMessage(), e);
    }
  }

  /** A volume as long as the file system in it says, where there is one. */
  static ThinVolume sized(ThinVolume volume) throws IOException {
    Optional<FileSystemInfo> info = VolumeFileSystem.probe(volume);
    return info.isPresent() && info.get().sizeBytes() > 0
        ? volume.withSize(info.get().sizeBytes())
        : volume;
  }

  @Override
  public void close() throws IOException {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }
}
