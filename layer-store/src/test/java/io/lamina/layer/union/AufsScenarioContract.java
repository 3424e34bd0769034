package io.lamina.layer.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.FileTree;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.Timestamp;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What aufs did, done here: every call, the union, the upper branch and the layer made of it. An
 * extension says where the branches lie, and whether the union is looked at in this process or
 * through the kernel.
 */
public abstract class AufsScenarioContract {
  private static final Timestamp LAYER_TIME = new Timestamp(1_000_000_000, 0);

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

  /** Where the branches of a scenario are made and laid over each other. */
  public interface Place extends Closeable {
    /** Makes a layer on top of those that are there, by operations on its own directory. */
    void addLayer(JsonNode operations) throws IOException;

    /**
     * Makes the upper branch by operations on its own directory, and shows all of them as one.
     *
     * @param mount how, in the scenario's words: {@code ro}, {@code noupper}, or nothing
     */
    Shown show(JsonNode upperOperations, String mount) throws IOException;

    /** The upper branch as it lies there, while nothing is shown. */
    Map<String, JsonNode> upper() throws IOException;

    /** Shows what has been the upper branch as a layer, with a new upper branch on top. */
    Shown showNext() throws IOException;
  }

  /** The place for a scenario. */
  protected abstract Place place() throws IOException;

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

  /** Takes out of the next layer's tree what cannot be the same here. */
  protected void takeOutOfNextLayer(Map<String, JsonNode> tree) {}

  /** A tree as the scenarios write it down, by path. */
  public static Map<String, JsonNode> told(JsonNode list) {
    return Told.tree(list);
  }

  /** The same of what lies below a directory. */
  public static Map<String, JsonNode> told(Node directory) throws IOException {
    return Told.tree(directory);
  }

  /** Makes the files of a branch. */
  public static void make(FileTree branch, JsonNode operations) throws IOException {
    branch.root().change(AttributeChange.NONE.withPermissions(0755));
    new Operations(branch).run(operations);
  }

  /** Makes the files of a layer, whose root is as old as those of the real ones. */
  public static void makeLayer(FileTree branch, JsonNode operations) throws IOException {
    make(branch, operations);
    branch
        .root()
        .change(AttributeChange.NONE.withPermissions(0755).withTimes(LAYER_TIME, LAYER_TIME));
  }

  /** Gives the root of a new upper branch what that of the last one has. */
  public static void takeOver(Node last, Node next) throws IOException {
    Attributes attributes = last.attributes();
    next.change(
        AttributeChange.NONE
            .withPermissions(attributes.permissions())
            .withOwner(new Owner(attributes.userId(), attributes.groupId())));
  }

  @ParameterizedTest
  @MethodSource("names")
  void doesWhatAufsDid(String name) throws IOException {
    Scenario scenario = Scenario.read(name);
    @Nullable String skipped = reasonToSkip(name, scenario.script());
    assumeTrue(skipped == null, name + ": " + skipped);
    try (Place place = place()) {
      doesWhatAufsDid(scenario, place);
    }
  }

  private void doesWhatAufsDid(Scenario scenario, Place place) throws IOException {
    String name = scenario.name();
    for (JsonNode layer : scenario.script().get("layers")) {
      place.addLayer(layer);
    }
    String mount = scenario.script().path("mount").asText();
    boolean isRandom = name.startsWith("short-") || name.startsWith("random-");
    JsonNode truth = scenario.truth();
    Map<String, JsonNode> unionAfter;
    try (Shown union = place.show(scenario.script().get("upper"), mount)) {
      Map<String, JsonNode> start = union.tree();
      Map<String, JsonNode> trueStart = Told.tree(truth.get("start"));
      takeOutDifferences(name, start, trueStart);
      compare("start", start, trueStart);
      compareResults(scenario, union.run(scenario.script().get("ops")), isRandom);
      unionAfter = union.tree();
    }
    compareUnion(scenario, isRandom, unionAfter);
    if (!mount.equals("noupper")) {
      compareUpper(scenario, isRandom, place.upper());
      try (Shown nextUnion = place.showNext()) {
        compareNextLayer(name, nextUnion.tree(), unionAfter, truth.get("union_as_lower"));
      }
    }
  }

  private void compareUnion(Scenario scenario, boolean isRandom, Map<String, JsonNode> after) {
    Map<String, JsonNode> truth = Told.tree(scenario.truth().get("union"));
    if (isRandom) {
      compare("union", withoutAccidents(after), withoutAccidents(truth));
    } else if (!AufsDifferences.isInTrees(scenario.name())) {
      takeOutDifferences(scenario.name(), after, truth);
      compare("union", after, truth);
    }
  }

  private void compareUpper(Scenario scenario, boolean isRandom, Map<String, JsonNode> after) {
    Map<String, JsonNode> truth = Told.tree(scenario.truth().get("upper"));
    if (isRandom) {
      compareRandomUpper(after, truth);
    } else if (!AufsDifferences.isInTrees(scenario.name())) {
      takeOutDifferences(scenario.name(), after, truth);
      compare("upper", ofUpper(after), ofUpper(truth));
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
      String name, Map<String, JsonNode> found, Map<String, JsonNode> union, JsonNode truth) {
    Map<String, JsonNode> seen = found;
    Map<String, JsonNode> expected = truth.isTextual() ? union : Told.tree(truth);
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
      takeOutOfNextLayer(seen);
      takeOutOfNextLayer(expected);
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
}
