package io.lamina.layer.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.Owner;
import io.lamina.fs.Timestamp;
import io.lamina.fs.host.HostTree;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What aufs did, done here: every call, the union, the upper branch and the layer made of it. An
 * extension says where the union is looked at: in this process or through the kernel.
 */
public abstract class AufsScenarioContract {
  private static final Timestamp LAYER_TIME = new Timestamp(1_000_000_000, 0);

  @TempDir Path home;
  private final List<HostTree> open = new ArrayList<>();

  @BeforeAll
  static void asRoot() throws IOException {
    Path file = Files.createTempFile("lamina", null);
    try {
      boolean root = Files.getAttribute(file, "unix:uid").equals(0);
      assumeTrue(root, "owners and device nodes take root");
    } finally {
      Files.delete(file);
    }
  }

  static List<String> names() throws IOException {
    return Scenario.names();
  }

  /** A union that can be looked at, in the words of the scenarios. */
  public interface Shown extends Closeable {
    /** All files by path, as {@link #told}. */
    Map<String, JsonNode> tree() throws IOException;

    /** Runs operations; one result each. */
    List<JsonNode> run(JsonNode operations) throws IOException;
  }

  /** Shows a union until that is closed. */
  protected abstract Shown show(UnionTree union) throws IOException;

  /**
   * Why a scenario is not run here.
   *
   * @return null where it is
   */
  protected @Nullable String reasonToSkip(String name, JsonNode script) {
    return null;
  }

  /** Whether an operation gives something else here than in another extension, for a known why. */
  protected boolean givesSomethingElse(String name, int operation) {
    return false;
  }

  /** Takes out of a tree what is otherwise here than in another extension, for a known why. */
  protected void takeOutDifferences(String name, Map<String, JsonNode> tree) {}

  /** A tree as the scenarios write it down, by path. */
  protected static Map<String, JsonNode> told(JsonNode list) {
    return Told.tree(list);
  }

  @AfterEach
  void close() {
    open.forEach(HostTree::close);
  }

  @ParameterizedTest
  @MethodSource("names")
  void doesWhatAufsDid(String name) throws IOException {
    Scenario scenario = Scenario.read(name);
    @Nullable String skipped = reasonToSkip(name, scenario.script());
    assumeTrue(skipped == null, name + ": " + skipped);
    List<Path> lowers = new ArrayList<>();
    for (JsonNode layer : scenario.script().get("layers")) {
      Path directory = Files.createDirectory(home.resolve("lower" + lowers.size()));
      HostTree tree = open(directory, true);
      new Operations(tree).run(layer);
      tree.root()
          .change(AttributeChange.NONE.withPermissions(0755).withTimes(LAYER_TIME, LAYER_TIME));
      lowers.add(0, directory);
    }
    Path upper = Files.createDirectory(home.resolve("upper"));
    HostTree upperTree = open(upper, true);
    upperTree.root().change(AttributeChange.NONE.withPermissions(0755));
    new Operations(upperTree).run(scenario.script().get("upper"));

    String mount = scenario.script().path("mount").asText();
    List<Branch> branches = new ArrayList<>();
    if (mount.equals("ro")) {
      branches.add(Branch.lower(open(upper, false)));
    } else if (!mount.equals("noupper")) {
      branches.add(Branch.upper(open(upper, true)));
    }
    for (Path lower : lowers) {
      branches.add(Branch.lower(open(lower, false)));
    }
    Map<String, JsonNode> unionAfter;
    boolean isRandom = name.startsWith("short-") || name.startsWith("random-");
    try (Shown union = show(UnionTree.of(branches, UnionRules.AUFS))) {
      Map<String, JsonNode> start = union.tree();
      Map<String, JsonNode> trueStart = Told.tree(scenario.truth().get("start"));
      takeOutDifferences(name, start, trueStart);
      compare("start", start, trueStart);
      compareResults(scenario, union.run(scenario.script().get("ops")), isRandom);
      unionAfter = union.tree();
    }
    JsonNode truth = scenario.truth();
    Map<String, JsonNode> trueUpper = Told.tree(truth.get("upper"));
    Map<String, JsonNode> upperAfter = Told.tree(open(upper, false).root());
    if (isRandom) {
      compare(
          "union", withoutAccidents(unionAfter), withoutAccidents(Told.tree(truth.get("union"))));
      compareRandomUpper(upperAfter, trueUpper);
    } else if (!AufsDifferences.isInTrees(name)) {
      Map<String, JsonNode> trueUnion = Told.tree(truth.get("union"));
      takeOutDifferences(name, unionAfter, trueUnion, upperAfter, trueUpper);
      compare("union", unionAfter, trueUnion);
      compare("upper", ofUpper(upperAfter), ofUpper(trueUpper));
    }
    if (!mount.equals("noupper")) {
      compareNextLayer(name, unionAfter, upper, lowers, truth.get("union_as_lower"));
    }
  }

  @SafeVarargs
  private void takeOutDifferences(String name, Map<String, JsonNode>... trees) {
    for (Map<String, JsonNode> tree : trees) {
      takeOutDifferences(name, tree);
    }
  }

  private void compareResults(Scenario scenario, List<JsonNode> results, boolean isRandom) {
    for (int i = 0; i < results.size(); i++) {
      if (!AufsDifferences.isOne(scenario.name(), i) && !givesSomethingElse(scenario.name(), i)) {
        assertThat(value(results.get(i), isRandom))
            .as("%d %s", i, scenario.script().get("ops").get(i))
            .isEqualTo(value(scenario.truth().get("results").get(i), isRandom));
      }
    }
  }

  /** Names of a pseudo-link that were not opened are in the upper branch here, not in aufs'. */
  private static void compareRandomUpper(
      Map<String, JsonNode> upper, Map<String, JsonNode> trueUpper) {
    Map<String, JsonNode> seen = withoutAccidents(upper);
    Map<String, JsonNode> truth = withoutAccidents(trueUpper);
    seen.keySet().removeIf(p -> isPseudoLink(upper.get(p)) && !trueUpper.containsKey(p));
    seen.keySet().removeIf(p -> isOwnOrOnlyDirectory(p, upper, trueUpper));
    truth.keySet().removeIf(p -> isOwnOrOnlyDirectory(p, trueUpper, upper));
    compare("upper", seen, truth);
  }

  private static boolean isOwnOrOnlyDirectory(
      String path, Map<String, JsonNode> tree, Map<String, JsonNode> other) {
    boolean isDirectory = tree.get(path).path("type").asText().equals("d");
    return path.startsWith("/.wh..wh.plnk/") || (isDirectory && !other.containsKey(path));
  }

  private static List<String> linkedPaths(Map<String, JsonNode> one, Map<String, JsonNode> other) {
    List<String> paths = new ArrayList<>();
    one.forEach((path, told) -> paths.addAll(told.has("hl") ? List.of(path) : List.of()));
    other.forEach((path, told) -> paths.addAll(told.has("hl") ? List.of(path) : List.of()));
    return paths;
  }

  private static String value(JsonNode result, boolean withoutLinks) {
    JsonNode copy = result.deepCopy();
    if (withoutLinks && copy.path("ok") instanceof ObjectNode told) {
      told.remove("nlink");
      told.remove("ino"); // a number that became free is used again, sooner or later
      if (told.path("type").asText().equals("d")) {
        told.remove("mtime");
      }
    }
    return sorted(copy);
  }

  private static boolean isPseudoLink(JsonNode told) {
    return told.has("hl");
  }

  /**
   * Without what depends on what the kernel had in its caches: links counted, and directories that
   * aufs copies up before it finds that it cannot do what was asked.
   */
  private static Map<String, JsonNode> withoutAccidents(Map<String, JsonNode> tree) {
    Map<String, JsonNode> told = new TreeMap<>();
    tree.forEach(
        (path, file) -> {
          ObjectNode copy = file.deepCopy();
          copy.remove("nlink");
          copy.remove("hl");
          if (file.path("type").asText().equals("d")) {
            copy.remove("mtime");
          }
          told.put(path, copy);
        });
    return told;
  }

  private void compareNextLayer(
      String name, Map<String, JsonNode> union, Path upper, List<Path> lowers, JsonNode truth)
      throws IOException {
    Path next = Files.createDirectory(home.resolve("upper2"));
    HostTree nextTree = open(next, true);
    Attributes attributes = open(upper, false).root().attributes();
    nextTree
        .root()
        .change(
            AttributeChange.NONE
                .withPermissions(attributes.permissions())
                .withOwner(new Owner(attributes.userId(), attributes.groupId())));
    List<Branch> branches = new ArrayList<>();
    branches.add(Branch.upper(nextTree));
    branches.add(Branch.lower(open(upper, false)));
    for (Path lower : lowers) {
      branches.add(Branch.lower(open(lower, false)));
    }
    Map<String, JsonNode> expected = truth.isTextual() ? union : Told.tree(truth);
    Map<String, JsonNode> seen;
    try (Shown nextUnion = show(UnionTree.of(branches, UnionRules.AUFS))) {
      seen = nextUnion.tree();
    }
    if (name.startsWith("short-") || name.startsWith("random-")) {
      List<String> linked = linkedPaths(seen, expected);
      seen = withoutAccidents(seen);
      expected = withoutAccidents(expected);
      seen.keySet().removeAll(linked);
      expected.keySet().removeAll(linked);
      expected.keySet().removeIf(path -> AufsDifferences.showsTooMuch(name, path));
    }
    if (!AufsDifferences.isInTrees(name)) {
      takeOutDifferences(name, seen, expected);
      compare("union as lower", loose(seen), loose(expected));
    }
  }

  /** The root's time is that of its new upper branch, links of directories are a sum. */
  private static Map<String, JsonNode> loose(Map<String, JsonNode> tree) {
    tree.replaceAll(
        (path, told) -> {
          ObjectNode copy = told.deepCopy();
          if (path.equals("/")) {
            copy.remove("mtime");
          }
          if (told.path("type").asText().equals("d")) {
            copy.remove("nlink");
          }
          return copy;
        });
    return tree;
  }

  /** Whiteouts share an inode, from time to time another; pseudo-links are named by numbers. */
  private static Map<String, JsonNode> ofUpper(Map<String, JsonNode> tree) {
    Map<String, JsonNode> told = new TreeMap<>();
    Map<String, String> firstNames = new TreeMap<>();
    tree.forEach(
        (path, file) -> {
          ObjectNode copy = file.deepCopy();
          boolean isPseudoLink = path.startsWith("/.wh..wh.plnk/");
          if (path.contains("/.wh.") && !isPseudoLink && file.path("type").asText().equals("f")) {
            copy.remove("nlink");
            copy.remove("hl");
          }
          if (isPseudoLink) {
            firstNames.put(path, "pseudo-link of " + copy.remove("hl"));
            return;
          }
          if (copy.has("hl") && copy.get("hl").asText().startsWith("/.wh..wh.plnk/")) {
            String first =
                firstNames.merge(
                    copy.get("hl").asText(), path, (a, b) -> a.startsWith("/") ? a : b);
            copy.put("hl", first);
          }
          told.put(path, copy);
        });
    told.put("pseudo-links", Told.JSON.numberNode(firstNames.size()));
    return told;
  }

  private static void compare(
      String what, Map<String, JsonNode> seen, Map<String, JsonNode> truth) {
    assertThat(lines(seen)).as(what).isEqualTo(lines(truth));
  }

  private static String lines(Map<String, JsonNode> tree) {
    StringBuilder lines = new StringBuilder();
    tree.forEach(
        (path, told) -> {
          lines.append(path).append(' ').append(sorted(told)).append('\n');
        });
    return lines.toString();
  }

  private static String sorted(JsonNode told) {
    if (!told.isObject()) {
      return told.toString();
    }
    Map<String, String> fields = new TreeMap<>();
    told.properties().forEach(f -> fields.put(f.getKey(), sorted(f.getValue())));
    return fields.toString();
  }

  private HostTree open(Path directory, boolean writable) throws IOException {
    HostTree tree = HostTree.open(directory, writable);
    open.add(tree);
    return tree;
  }
}
