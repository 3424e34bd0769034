package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.Node;
import io.lamina.layer.change.Change;
import io.lamina.layer.change.DiffTree;
import io.lamina.layer.change.TreeComparison;
import java.io.IOException;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Drivers of which a layer is a whole tree of files: what it changed is found by comparing it with
 * the tree below.
 */
abstract class ComparedTrees implements DriverTrees {
  /** Finds what differs. */
  private interface Comparison {
    List<Change> of(@Nullable Node before, Node after, LongPredicate mayDiffer) throws IOException;
  }

  /**
   * Which files may differ from those of the layer below, by their inode numbers.
   *
   * @param stack has a layer below its own
   */
  LongPredicate mayDiffer(LayerStack stack) throws IOException {
    return inodeNr -> true;
  }

  @Override
  public final FileTree diff(LayerStack stack) throws IOException {
    return content(stack);
  }

  @Override
  public final FileTree content(LayerStack stack) throws IOException {
    return DiffTree.of(compared(stack, TreeComparison::allChanges), merged(stack));
  }

  @Override
  public final List<Change> changes(LayerStack stack) throws IOException {
    return compared(stack, TreeComparison::changes);
  }

  private List<Change> compared(LayerStack stack, Comparison comparison) throws IOException {
    try (FileTree after = merged(stack)) {
      if (stack.below().isEmpty()) {
        return comparison.of(null, after.root(), inodeNr -> true);
      }
      try (FileTree before = merged(stack.parent())) {
        return comparison.of(before.root(), after.root(), mayDiffer(stack));
      }
    }
  }
}
