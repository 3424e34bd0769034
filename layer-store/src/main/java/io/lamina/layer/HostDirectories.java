package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.host.HostTree;
import io.lamina.layer.union.UnionRules;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directories of a docker root's layers, where they lie on the host. */
final class HostDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(HostDirectories.class);

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
    Path home = root.resolve("overlay2");
    boolean isRootless = (int) Files.getAttribute(home, "unix:uid") != 0;
    if (isRootless && writable) {
      throw new UnsupportedException(
          root + ": layers of a docker that ran as an ordinary user (rootless) are not written");
    }
    FileTree tree = HostTree.open(home, writable);
    if (!isRootless && (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") != 0) {
      LOG.warn(
          "{}: attributes in trusted. are shown to root alone: what an opaque directory hides"
              + " may show",
          home);
    }
    return new OverlayDirectories(
        tree, tree.root(), isRootless ? UnionRules.OVERLAY_EITHER : UnionRules.OVERLAY);
  }
}
