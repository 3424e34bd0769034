package io.lamina.cli;

import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.host.HostTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** Two directories of the host in one tree, which reaches from the nearest that holds both. */
record HostNodes(HostTree tree, Node first, Node second) {
  /** Opens it, to be changed. Paths have no links in them. */
  static HostNodes of(Path first, Path second) throws IOException {
    if (first.startsWith(second) || second.startsWith(first)) {
      throw new IOException(first + " and " + second + ": one lies in the other");
    }
    Path common = Objects.requireNonNull(first.getRoot());
    for (Path part : first) {
      if (!second.startsWith(common.resolve(part))) {
        break;
      }
      common = common.resolve(part);
    }
    HostTree tree = HostTree.open(common, true);
    try {
      return new HostNodes(tree, below(tree, common, first), below(tree, common, second));
    } catch (IOException e) {
      tree.close();
      throw e;
    }
  }

  private static Node below(HostTree tree, Path common, Path path) throws IOException {
    Node at = tree.root();
    for (Path part : common.relativize(path)) {
      Node child = at.child(Name.of(part.toString()));
      if (child == null) {
        throw new IOException(path + ": not there");
      }
      at = child;
    }
    return at;
  }
}
