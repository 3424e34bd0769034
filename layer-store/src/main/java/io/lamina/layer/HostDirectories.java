package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.host.HostTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directories of a docker root's layers, where they lie on the host. */
final class HostDirectories {
  private HostDirectories() {}

  /** Whether a root's aufs layers lie in a pool, as in a store of Lamina's own. */
  static boolean isInPool(Path root) {
    return Files.isRegularFile(PooledDirectories.pool(root).resolve("metadata"));
  }

  static StoredDirectories aufs(Path root, boolean writable) throws IOException {
    FileTree tree = HostTree.open(root.resolve("aufs"), writable);
    return new AufsDirectories(tree, tree.root());
  }

  static StoredDirectories overlay(Path root, boolean writable) throws IOException {
    FileTree tree = HostTree.open(root.resolve("overlay2"), writable);
    return new OverlayDirectories(tree, tree.root());
  }
}
