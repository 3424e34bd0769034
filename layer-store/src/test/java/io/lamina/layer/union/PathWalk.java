package io.lamina.layer.union;

import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** Goes along paths of a tree, as a kernel does above it. */
final class PathWalk {
  private static final int MOST_LINKS = 40;

  private final Node root;

  PathWalk(Node root) {
    this.root = root;
  }

  /** Where a name lies: its directory and itself. */
  record Place(Node directory, Name name) {}

  /** The file at a path; the last link is followed or not. */
  Node file(Name path, boolean follow) throws IOException {
    return walk(path, follow, new int[1], new ArrayDeque<>());
  }

  /** The directory of a path's last name, and that name. */
  Place place(Name path) throws IOException {
    String text = path.latin1();
    int slash = text.lastIndexOf('/');
    Name directory = Name.ofLatin1(slash < 0 ? "" : text.substring(0, slash));
    Node there = file(directory, true);
    if (!there.attributes().isDirectory()) {
      throw new FsException(Errno.ENOTDIR, directory.toString());
    }
    return new Place(there, Name.ofLatin1(text.substring(slash + 1)));
  }

  /** Where a missing file is to be made: a link that leads nowhere yet tells it. */
  Place newPlace(Name path) throws IOException {
    Place place = place(path);
    Node link = place.directory().child(place.name());
    if (link == null) {
      return place;
    }
    String target = link.readLink().latin1();
    int slash = path.latin1().lastIndexOf('/');
    boolean isAbsolute = target.startsWith("/");
    return newPlace(
        Name.ofLatin1(isAbsolute ? target : path.latin1().substring(0, slash + 1) + target));
  }

  private Node walk(Name path, boolean follow, int[] links, Deque<Node> above) throws IOException {
    Node at = above.isEmpty() ? root : above.peek();
    if (above.isEmpty()) {
      above.push(root);
    }
    Deque<String> parts = new ArrayDeque<>(Arrays.asList(path.latin1().split("/", -1)));
    while (!parts.isEmpty()) {
      String part = parts.poll();
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..")) {
        if (above.size() == 1) {
          throw new FsException(Errno.ENOENT, "outside of the tree");
        }
        above.pop();
        at = above.peek();
        continue;
      }
      Node child = at.child(Name.ofLatin1(part));
      if (child == null) {
        throw new FsException(Errno.ENOENT, part);
      }
      boolean isLink = child.attributes().type() == FileType.SYMLINK;
      if (isLink && (follow || !parts.isEmpty())) {
        if (++links[0] > MOST_LINKS) {
          throw new FsException(Errno.ELOOP, part);
        }
        child = walk(child.readLink(), true, links, new ArrayDeque<>(above));
      }
      if (child.attributes().isDirectory()) {
        above.push(child);
      }
      at = child;
    }
    return at;
  }
}
