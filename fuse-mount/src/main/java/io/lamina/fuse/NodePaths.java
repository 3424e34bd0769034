package io.lamina.fuse;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Finds nodes by their paths, as libfuse's high level names them. For many threads. */
final class NodePaths {
  private static final long MOST_KEPT = 10_000;

  private final Node root;
  private final Cache<String, Node> kept = Caffeine.newBuilder().maximumSize(MOST_KEPT).build();

  NodePaths(Node root) {
    this.root = root;
  }

  /**
   * The node at a path.
   *
   * @param path from the root, one character a byte
   * @throws FsException ENOENT where there is none
   */
  Node node(String path) throws IOException {
    Deque<String> below = new ArrayDeque<>();
    String known = path;
    Node node = kept(known);
    while (node == null) {
      below.push(known);
      known = known.substring(0, Math.max(known.lastIndexOf('/'), 0));
      node = kept(known);
    }
    for (String childPath : below) {
      node = child(node, childPath);
    }
    return node;
  }

  private @Nullable Node kept(String path) {
    return path.isEmpty() || path.equals("/") ? root : kept.getIfPresent(path);
  }

  private Node child(Node directory, String path) throws IOException {
    Name name = name(path);
    Node node = directory.child(name);
    if (node == null) {
      throw new FsException(Errno.ENOENT, name.toString());
    }
    kept.put(path, node);
    return node;
  }

  /** The directory that a path's last name is in. */
  Node directory(String path) throws IOException {
    return node(path.substring(0, Math.max(path.lastIndexOf('/'), 0)));
  }

  /** The last name of a path. */
  static Name name(String path) {
    return Name.ofLatin1(path.substring(path.lastIndexOf('/') + 1));
  }

  /** A name that means another file now, or none; with all that lies below it. */
  void forget(String path) {
    kept.invalidate(path);
    String below = path + "/";
    kept.asMap().keySet().removeIf(known -> known.startsWith(below));
  }

  void forgetAll() {
    kept.invalidateAll();
  }
}
