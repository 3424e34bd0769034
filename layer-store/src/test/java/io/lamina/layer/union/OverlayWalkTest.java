package io.lamina.layer.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.host.HostTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same random operations on a union and on the kernel's overlay, over the same layers. */
class OverlayWalkTest {
  private static final String[] NAMES = {"a", "b", "c"};
  private static final int ROUNDS = 4;
  private static final int OPERATIONS = 100;

  @TempDir Path home;
  private final List<HostTree> open = new ArrayList<>();
  private boolean mounted;

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("lamina.seeds", 4));
  }

  @AfterEach
  void close() throws Exception {
    open.forEach(HostTree::close);
    if (mounted) {
      run("umount", home.resolve("theirs/merged").toString());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void doesWhatTheKernelDoes(long seed) throws Exception {
    Random random = new Random(seed);
    List<Path> layers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Path layer = Files.createDirectory(home.resolve("layer" + i));
      new Operations(open(layer)).run(operations(random, OPERATIONS));
      layers.add(0, layer);
    }
    for (String side : List.of("ours", "theirs")) {
      for (String name : List.of("upper", "work", "merged")) {
        Files.createDirectories(home.resolve(side).resolve(name));
      }
    }
    String lowers = String.join(":", layers.stream().map(Path::toString).toList());
    String options =
        "lowerdir=%s,upperdir=%s,workdir=%s,index=off,redirect_dir=off,metacopy=off"
            .formatted(lowers, home.resolve("theirs/upper"), home.resolve("theirs/work"));
    String merged = home.resolve("theirs/merged").toString();
    mounted = run("mount", "-t", "overlay", "overlay", "-o", options, merged) == 0;
    assumeThat(mounted).as("no overlay can be mounted here").isTrue();
    UnionTree union = union(layers);
    HostTree kernel = open(home.resolve("theirs/merged"));
    Operations ours = new Operations(union);
    Operations theirs = new Operations(kernel);
    for (int round = 0; round < ROUNDS; round++) {
      JsonNode operations = operations(random, OPERATIONS);
      List<JsonNode> seen = ours.run(operations);
      List<JsonNode> truth = theirs.run(operations);
      for (int i = 0; i < seen.size(); i++) {
        assertThat(seen.get(i)).as("%d %s", i, operations.get(i)).isEqualTo(truth.get(i));
      }
      assertThat(tree(union.root())).isEqualTo(tree(kernel.root()));
    }
    kernel.close();
    assertThat(run("umount", merged)).isZero();
    String lookAtOurs = "lowerdir=" + home.resolve("ours/upper") + ":" + lowers;
    mounted = run("mount", "-t", "overlay", "overlay", "-o", lookAtOurs, merged) == 0;
    assertThat(tree(open(home.resolve("theirs/merged")).root())).isEqualTo(tree(union.root()));
  }

  private UnionTree union(List<Path> layers) throws IOException {
    HostTree mine = open(home.resolve("ours"));
    List<Branch> branches = new ArrayList<>();
    branches.add(new Branch(mine, child(mine, "upper"), Branch.Mode.WRITABLE));
    for (Path layer : layers) {
      branches.add(Branch.lower(open(layer)));
    }
    return UnionTree.ofOverlay(branches, child(mine, "work"), UnionRules.OVERLAY);
  }

  private static Node child(HostTree tree, String name) throws IOException {
    return Objects.requireNonNull(tree.root().child(Name.of(name)));
  }

  private static ArrayNode operations(Random random, int count) {
    ArrayNode all = Told.JSON.arrayNode();
    for (int i = 0; i < count; i++) {
      String path = path(random);
      ArrayNode op = all.addArray();
      switch (random.nextInt(17)) {
        case 0, 1, 2 -> op.add("mkdir").add(path).add(0755);
        case 3, 4 -> op.add("create").add(path).add("made " + i);
        case 5 -> op.add("symlink").add("a/b").add(path);
        case 6 -> op.add("unlink").add(path);
        case 7 -> op.add("rmdir").add(path);
        case 8 -> op.add("append").add(path).add("+" + i);
        case 9 -> op.add("rename").add(path).add(path(random));
        case 10 -> op.add("chmod").add(path).add(0700 + random.nextInt(64));
        case 11 -> op.add("chown").add(path).add(random.nextInt(3)).add(random.nextInt(3));
        case 12 -> op.add("setxattr").add(path).add("user.x").add("value " + i);
        case 13 -> op.add("truncate").add(path).add(random.nextInt(12));
        case 14, 15 -> op.add("link").add(path).add(path(random));
        default -> op.add("readdir").add(path);
      }
    }
    return all;
  }

  private static String path(Random random) {
    int depth = 1 + random.nextInt(3);
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      path.append(i == 0 ? "" : "/").append(NAMES[random.nextInt(NAMES.length)]);
    }
    return path.toString();
  }

  /** Times go by, and overlay counts the links of directories otherwise. */
  private static Map<String, String> tree(Node root) throws IOException {
    Map<String, String> told = new TreeMap<>();
    Told.tree(root)
        .forEach(
            (path, file) -> {
              ObjectNode copy = file.deepCopy();
              copy.remove(List.of("nlink", "mtime"));
              if (!path.equals("/")) {
                told.put(path, copy.toString());
              }
            });
    return told;
  }

  private HostTree open(Path directory) throws IOException {
    HostTree tree = HostTree.open(directory, true);
    open.add(tree);
    return tree;
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
