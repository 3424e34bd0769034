package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.SubTree;
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
final class LinkedTrees extends DirectoryTrees {
  private static final Name ROOT = Name.of("root");
  private static final Name UPPER = Name.of("upper");
  private static final String LOWER_ID = "lower-id";

  LinkedTrees(Path directory) throws IOException {
    super(directory);
  }

  @Override
  public FileTree merged(LayerStack stack) throws IOException {
    Layer layer = stack.top().orElse(null);
    if (layer == null) {
      return EmptyTree.INSTANCE;
    }
    Node own = directory(layer.driverId());
    @Nullable Node root = own.child(ROOT);
    if (root != null) {
      return new SubTree(host(), root);
    }
    Branch upper = branch(required(layer.driverId(), own.child(UPPER)));
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

  private Node lower(String driverId) throws IOException {
    return required(driverId, directory(driverId).child(ROOT));
  }

  private Branch branch(Node root) {
    return new Branch(host(), root, Branch.Mode.READ_ONLY_WITH_WHITEOUTS);
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
}
