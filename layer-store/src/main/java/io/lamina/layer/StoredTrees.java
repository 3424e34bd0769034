package io.lamina.layer;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import io.lamina.fs.SubTree;
import io.lamina.layer.change.Change;
import io.lamina.layer.change.DiffTree;
import io.lamina.layer.change.Notation;
import io.lamina.layer.change.StoredChanges;
import io.lamina.layer.union.Branch;
import io.lamina.layer.union.UnionRules;
import io.lamina.layer.union.UnionTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Docker's aufs and overlay2 drivers: a layer's changes lie in a directory of its own. */
final class StoredTrees implements DriverTrees {
  private final StoredDirectories directories;

  private StoredTrees(StoredDirectories directories) {
    this.directories = directories;
  }

  /** The layers in these directories, which are closed with this. */
  static StoredTrees of(StoredDirectories directories) {
    return new StoredTrees(directories);
  }

  private Node directory(Layer layer) throws IOException {
    @Nullable Node found = directories.files(layer.driverId());
    if (found == null || !found.attributes().isDirectory()) {
      throw new FsException(Errno.ENOENT, "directory of layer " + layer.driverId());
    }
    return found;
  }

  @Override
  public FileTree merged(LayerStack stack) throws IOException {
    if (stack.top().isEmpty()) {
      return EmptyTree.INSTANCE;
    }
    List<Branch> branches = new ArrayList<>();
    for (Layer layer : stack.layers()) {
      branches.add(branch(layer, false));
    }
    return UnionTree.of(branches, directories.rules());
  }

  /** A layer as one of a union. */
  Branch branch(Layer layer, boolean isWritable) throws IOException {
    return new Branch(
        directories.tree(),
        directory(layer),
        isWritable ? Branch.Mode.WRITABLE : Branch.Mode.READ_ONLY_WITH_WHITEOUTS);
  }

  @Override
  public FileTree diff(LayerStack stack) throws IOException {
    Layer layer = stack.top().orElse(null);
    return layer == null ? EmptyTree.INSTANCE : new SubTree(directories.tree(), directory(layer));
  }

  /**
   * Aufs' own notation is a tar's; as docker does, files of a layer go into its tar as they are.
   */
  @Override
  public FileTree content(LayerStack stack) throws IOException {
    return directories.rules() == UnionRules.AUFS
        ? diff(stack)
        : DiffTree.of(changes(stack, StoredChanges::all), merged(stack));
  }

  @Override
  public FileTree files(LayerStack stack) throws IOException {
    return diff(stack);
  }

  @Override
  public LayerSize size(LayerStack stack) throws IOException {
    if (stack.layers().isEmpty()) {
      return new LayerSize(0, 0, 0);
    }
    TreeSize own = TreeSize.of(directory(stack.layers().get(0)));
    long below = 0;
    for (Layer layer : stack.below()) {
      below += TreeSize.of(directory(layer)).takenBytes();
    }
    return new LayerSize(own.apparentBytes(), own.takenBytes(), below);
  }

  @Override
  public List<Change> changes(LayerStack stack) throws IOException {
    return changes(stack, StoredChanges::of);
  }

  /** Reads off a stored layer what it changed. */
  private interface Reading {
    List<Change> of(Node stored, @Nullable Node below, Notation notation) throws IOException;
  }

  private List<Change> changes(LayerStack stack, Reading reading) throws IOException {
    Layer layer = stack.top().orElse(null);
    if (layer == null) {
      return List.of();
    }
    Branch own = branch(layer, false);
    Notation notation = new StoredNotation(directories.rules(), own);
    if (stack.below().isEmpty()) {
      return reading.of(own.root(), null, notation);
    }
    try (FileTree below = merged(stack.parent())) {
      return reading.of(own.root(), below.root(), notation);
    }
  }

  @Override
  public void close() throws IOException {
    directories.close();
  }
}
