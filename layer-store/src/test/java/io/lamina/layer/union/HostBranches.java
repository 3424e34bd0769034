package io.lamina.layer.union;

import com.fasterxml.jackson.databind.JsonNode;
import io.lamina.fs.host.HostTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The branches of a scenario as directories of the host. */
public final class HostBranches implements AufsScenarioContract.Place {
  private final Path home;
  private final Showing showing;
  private final List<HostTree> open = new ArrayList<>();

  /** The highest first. */
  private final List<Path> lowers = new ArrayList<>();

  /** Shows a union until that is closed. */
  @FunctionalInterface
  public interface Showing {
    /** What is shown of it. */
    AufsScenarioContract.Shown show(UnionTree union) throws IOException;
  }

  /** In an empty directory. */
  public HostBranches(Path home, Showing showing) {
    this.home = home;
    this.showing = showing;
  }

  @Override
  public void addLayer(JsonNode operations) throws IOException {
    Path directory = Files.createDirectory(home.resolve("lower" + lowers.size()));
    AufsScenarioContract.makeLayer(open(directory, true), operations);
    lowers.add(0, directory);
  }

  @Override
  public AufsScenarioContract.Shown show(JsonNode upperOperations, String mount)
      throws IOException {
    AufsScenarioContract.make(open(Files.createDirectory(upperDirectory()), true), upperOperations);
    List<Branch> branches = new ArrayList<>();
    if (mount.equals("ro")) {
      branches.add(Branch.lower(open(upperDirectory(), false)));
    } else if (!mount.equals("noupper")) {
      branches.add(Branch.upper(open(upperDirectory(), true)));
    }
    return show(branches);
  }

  private Path upperDirectory() {
    return home.resolve("upper");
  }

  private AufsScenarioContract.Shown show(List<Branch> uppermost) throws IOException {
    List<Branch> branches = new ArrayList<>(uppermost);
    for (Path lower : lowers) {
      branches.add(Branch.lower(open(lower, false)));
    }
    return showing.show(UnionTree.of(branches, UnionRules.AUFS));
  }

  @Override
  public Map<String, JsonNode> upper() throws IOException {
    return Told.tree(open(upperDirectory(), false).root());
  }

  @Override
  public AufsScenarioContract.Shown showNext() throws IOException {
    HostTree next = open(Files.createDirectory(home.resolve("upper2")), true);
    HostTree last = open(upperDirectory(), false);
    AufsScenarioContract.takeOver(last.root(), next.root());
    return show(List.of(Branch.upper(next), Branch.lower(last)));
  }

  private HostTree open(Path directory, boolean writable) throws IOException {
    HostTree tree = HostTree.open(directory, writable);
    open.add(tree);
    return tree;
  }

  @Override
  public void close() {
    open.forEach(HostTree::close);
  }
}
