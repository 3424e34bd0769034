package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.Node;
import io.lamina.layer.archive.LayerApply.WhiteoutUse;
import io.lamina.layer.union.Branch;
import io.lamina.layer.union.UnionRules;
import io.lamina.layer.union.UnionTree;
import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Docker's drivers with unions, written to: a layer's changes lie in a directory of its own. */
final class WritableUnions implements WritableDriver {
  private final StoredDirectories directories;
  private final StoredTrees trees;
  private final @Nullable PoolVolumes volumes;

  /**
   * Over these directories.
   *
   * @param volumes the pool that they lie in, which is closed last; null for those on the host
   */
  WritableUnions(StoredDirectories directories, @Nullable PoolVolumes volumes) {
    this.directories = directories;
    this.trees = StoredTrees.of(directories);
    this.volumes = volumes;
  }

  @Override
  public Optional<PoolVolumes> volumes() {
    return Optional.ofNullable(volumes);
  }

  @Override
  public Optional<FileTree> pooledFiles() {
    return volumes().map(any -> directories.tree());
  }

  @Override
  public WhiteoutUse whiteouts() {
    return directories.rules() == UnionRules.AUFS ? WhiteoutUse.KEEP : WhiteoutUse.MARK;
  }

  @Override
  public boolean has(String driverId) throws IOException {
    return directories.has(driverId);
  }

  @Override
  public void create(String driverId, LayerStack below, Content content) throws IOException {
    make(
        driverId,
        () -> {
          Node files = directories.make(driverId);
          content.writeTo(directories.tree(), files);
          directories.finish(driverId, below);
        });
  }

  @Override
  public void createMerged(String driverId, LayerStack below, Content content) throws IOException {
    make(
        driverId,
        () -> {
          directories.make(driverId);
          directories.finish(driverId, below);
          try (FileTree merged = openWritable(below.under(new Layer(driverId, driverId)))) {
            content.writeTo(merged, merged.root());
          }
        });
  }

  /** Something that makes a layer. */
  private interface Making {
    void run() throws IOException;
  }

  private void make(String driverId, Making making) throws IOException {
    boolean done = false;
    try {
      making.run();
      directories.tree().sync();
      done = true;
    } finally {
      if (!done) {
        directories.remove(driverId);
      }
    }
  }

  @Override
  public FileTree openWritable(LayerStack stack) throws IOException {
    String own = stack.top().orElseThrow().driverId();
    List<Branch> branches = new ArrayList<>();
    for (Layer layer : stack.layers()) {
      branches.add(trees.branch(layer, branches.isEmpty()));
    }
    @Nullable Node work = directories.workDirectory(own);
    return work == null
        ? UnionTree.of(branches, directories.rules())
        : UnionTree.ofOverlay(branches, work, directories.rules());
  }

  @Override
  public void rename(String driverId, String newDriverId) throws IOException {
    directories.rename(driverId, newDriverId);
    directories.tree().sync();
  }

  @Override
  public void remove(String driverId) throws IOException {
    if (directories.has(driverId)) {
      directories.remove(driverId);
      directories.tree().sync(); // before anybody forgets that it was to go
    }
  }

  @Override
  public DriverTrees trees() {
    return trees;
  }

  @Override
  public void close() throws IOException {
    try {
      directories.close();
    } finally {
      if (volumes != null) {
        volumes.close();
      }
    }
  }
}
