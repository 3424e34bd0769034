package io.lamina.mount;

import io.lamina.block.HolePuncher;
import io.lamina.fs.FileTree;
import io.lamina.fs.host.SparseFile;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.ThinPool;
import io.lamina.thin.WriteOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Serves a pool's directory, for benchmarks and to be killed. */
public final class PoolServer {
  private PoolServer() {}

  /** Arguments: the pool, where to mount it, mount options. */
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    MountOptions options = MountOptions.parse(List.of(args).subList(2, args.length));
    Closeable opened;
    FileTree tree;
    if (options.readOnly()) {
      ThinPool pool = ThinPool.open(PoolSource.directory(directory), PoolOptions.DEFAULT);
      tree = PoolTrees.of(pool, args[0], options);
      opened = pool;
    } else {
      PoolVolumes volumes = PoolVolumes.open(directory, writeOptions());
      tree = PoolTrees.of(volumes, args[0], options);
      opened = volumes;
    }
    Closeable both =
        () -> {
          tree.close();
          opened.close();
        };
    Mount mount = Mount.start(tree, both, args[0], Path.of(args[1]), options);
    System.out.println("ready");
    mount.await();
  }

  static WriteOptions writeOptions() {
    WriteOptions usual = WriteOptions.DEFAULT;
    return new WriteOptions(
        usual.skipBlockZeroing(),
        usual.discard(),
        usual.noSpaceTimeout(),
        usual.lowWaterBlocks(),
        puncher());
  }

  private static HolePuncher puncher() {
    return (path, offset, length) -> punch(path, offset, length);
  }

  private static boolean punch(Path path, long offset, long length) throws IOException {
    try (SparseFile file = SparseFile.openWritable(path)) {
      return length == 0 || file.punch(offset, length);
    }
  }
}
