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
    Name name = Name.ofLatin1(path.substring(path.lastIndexOf('/') + 1));
    Node node = directory.child(name);
    if (node == null) {
      throw new FsException(Errno.ENOENT, name.toString());
    }
    kept.put(path, node);
    return node;
  }
}
