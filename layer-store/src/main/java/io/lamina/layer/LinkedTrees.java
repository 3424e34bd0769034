package io.lamina.layer;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.SubTree;
import io.lamina.fs.host.HostTree;
import io.lamina.layer.union.Branch;
import io.lamina.layer.union.UnionRules;
import io.lamina.layer.union.UnionTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Docker's first overlay driver: {@code <id>/root/} all files of an image's layer, hard links of
 * those of the layer below; of a container {@code <id>/upper/} what it changed, and {@code
 * <id>/lower-id} the name of the layer whose {@code root} lies below that.
 *
 * @see <a
 *     href="https://github.com/moby/moby/blob/v20.10.24/daemon/graphdriver/overlay/overlay.go">docker's
 *     overlay.go</a>
 */
final class LinkedTrees extends ComparedTrees {
  private static final Name ROOT = Name.of("root");
  private static final Name UPPER = Name.of("upper");
  private static final String LOWER_ID = "lower-id";

  private final FileTree host;

  private LinkedTrees(FileTree host) {
    this.host = host;
  }

  /** The layers below a directory, by their names. */
  static LinkedTrees in(Path directory) throws IOException {
    return new LinkedTrees(HostTree.open(directory, false));
  }

  @Override
  public FileTree merged(LayerStack stack) throws IOException {
    Layer layer = stack.top().orElse(null);
    if (layer == null) {
      return EmptyTree.INSTANCE;
    }
    Node own = part(layer.driverId(), host.root().child(Name.of(layer.driverId())));
    @Nullable Node root = own.child(ROOT);
    if (root != null) {
      return new SubTree(host, root);
    }
    Branch upper = branch(part(layer.driverId(), own.child(UPPER)));
    Branch lower = branch(lower(lowerId(layer.driverId(), own)));
    return UnionTree.of(List.of(upper, lower), UnionRules.OVERLAY);
  }

  private static String lowerId(String driverId, Node layer) throws IOException {
    try {
      return StoredDirectories.text(layer, LOWER_ID);
    } catch (IOException e) {
      throw new IOException("layer " + driverId + ": " + LOWER_ID + ": " + e.getMessage(), e);
    }
  }

  private static Node part(String driverId, @Nullable Node found) throws IOException {
    if (found == null) {
      throw new FsException(Errno.ENOENT, "directory of layer " + driverId);
    }
    return found;
  }

  private Node lower(String driverId) throws IOException {
    @Nullable Node layer =
        driverId.isEmpty() || driverId.indexOf('/') >= 0
            ? null
            : host.root().child(Name.of(driverId));
    return part(driverId, layer == null ? null : layer.child(ROOT));
  }

  private Branch branch(Node root) {
    return new Branch(host, root, Branch.Mode.READ_ONLY_WITH_WHITEOUTS);
  }

  @Override
  public LayerSize size(LayerStack stack) throws IOException {
    if (stack.top().isEmpty()) {
      return new LayerSize(0, 0, 0);
    }
    TreeSize own = TreeSize.of(diff(stack).root());
    long whole = TreeSize.of(merged(stack).root()).takenBytes();
    return new LayerSize(
        own.apparentBytes(), own.takenBytes(), Math.max(0, whole - own.takenBytes()));
  }

  @Override
  public void close() throws IOException {
    host.close();
  }
}
