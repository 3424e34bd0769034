package io.lamina.cli;

import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Finds a path in a tree, as the kernel would for who has the tree's root as root: links are
 * followed, and lead nowhere outside.
 */
final class PathWalk {
  private static final int MAX_LINKS = 40;
  private static final int MAX_NAMES = 100_000;

  private final Deque<Node> directories = new ArrayDeque<>();
  private final Deque<String> names = new ArrayDeque<>();
  private final Node root;
  private int linksLeft = MAX_LINKS;

  private PathWalk(Node root) {
    this.root = root;
    directories.push(root);
  }

  /**
   * A file that was found.
   *
   * @param above the directories that it lies in, the nearest first; none for the root
   */
  record Found(Node node, List<Node> above) {
    /** The directory in which it was; of the root, the root. */
    Node parent() {
      return above.isEmpty() ? node : above.get(0);
    }
  }

  /**
   * Finds a path.
   *
   * @param path one character a byte
   * @param followLast whether a link at its end is followed; one with a slash after it always is
   * @throws FsException for what is not there or is no directory
   */
  static Found find(Node root, String path, boolean followLast) throws IOException {
    return new PathWalk(root).find(path, followLast || path.endsWith("/"));
  }

  private Found find(String path, boolean followLast) throws IOException {
    add(path);
    while (!names.isEmpty()) {
      String name = names.pop();
      if (name.equals("..")) {
        if (directories.size() > 1) {
          directories.pop();
        }
        continue;
      }
      Node node = directories.element().child(Name.ofLatin1(name));
      if (node == null) {
        throw new FsException(Errno.ENOENT, Text.display(path));
      }
      FileType type = node.attributes().type();
      if (type == FileType.SYMLINK && (followLast || !names.isEmpty())) {
        follow(node, path);
      } else if (type == FileType.DIRECTORY) {
        directories.push(node);
      } else if (names.isEmpty() && !(path.endsWith("/") || path.endsWith("/."))) {
        return new Found(node, List.copyOf(directories));
      } else {
        throw new FsException(Errno.ENOTDIR, Text.display(path));
      }
    }
    Node found = directories.pop();
    return new Found(found, List.copyOf(directories));
  }

  private void follow(Node link, String path) throws IOException {
    if (linksLeft-- == 0 || names.size() > MAX_NAMES) {
      throw new FsException(Errno.ELOOP, Text.display(path));
    }
    String target = link.readLink().latin1();
    if (target.startsWith("/")) {
      directories.clear();
      directories.push(root);
    }
    add(target);
  }

  private void add(String path) {
    String[] parts = path.split("/", -1);
    for (int i = parts.length - 1; i >= 0; i--) {
      if (!parts[i].isEmpty() && !parts[i].equals(".")) {
        names.push(parts[i]);
      }
    }
  }
}
