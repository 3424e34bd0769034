package io.lamina.mount;

import io.lamina.fs.FileTree;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import java.nio.file.Path;
import java.util.List;

/** Serves a pool's directory, for benchmarks, in the same way as {@code EmptyServer}. */
public final class PoolServer {
  private PoolServer() {}

  /** Arguments: the pool, where to mount it, mount options. */
  public static void main(String[] args) throws Exception {
    ThinPool pool = ThinPool.open(PoolSource.directory(Path.of(args[0])), PoolOptions.DEFAULT);
    FileTree tree = PoolTrees.of(pool, args[0], false);
    MountOptions options = MountOptions.parse(List.of(args).subList(2, args.length));
    Mount mount = Mount.start(tree, pool, args[0], Path.of(args[1]), options);
    System.out.println("ready");
    mount.await();
  }
}
