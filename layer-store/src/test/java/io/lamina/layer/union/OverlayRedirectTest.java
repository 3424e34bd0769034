package io.lamina.layer.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import io.lamina.fs.host.HostTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Layers in which the kernel's overlay left redirects and files with attributes alone, as it does
 * with {@code redirect_dir=on,metacopy=on}.
 */
class OverlayRedirectTest {
  private static final String LOWEST =
      """
      mkdir -p a/b/c d e/sub; echo one > a/b/one; echo two > a/b/c/two; echo three > d/three
      echo four > d/four; echo five > e/sub/five; echo six > six; echo seven > seven
      head -c 300000 /dev/zero | tr '\\0' x > d/large; truncate -s 1M d/sparse; echo end >> d/sparse
      """;

  /** Attributes alone (chmod), renamed with and without their directory, written to as a whole. */
  private static final String MIDDLE =
      """
      chmod 600 a/b/one six; chown 7:8 d/large; mv a/b a/moved; mv a/moved/c away
      mv six a/six; mv seven d/seven; chmod 640 d/sparse; chmod 640 d/four; echo more >> d/four
      mv d/three e/three; touch -d 2001-02-03 e/sub/five
      """;

  private static final String TOP =
      """
      mv a/moved moved-again; chmod 604 moved-again/one; mv away a/back; mv e f; chmod 444 f/three
      chmod 755 d/large; mv d/seven f/sub/seven; mkdir e; echo new > e/new; mkdir a/moved
      """;

  @TempDir Path home;
  private final List<HostTree> open = new ArrayList<>();
  private boolean mounted;

  @BeforeEach
  void makeLayers() throws Exception {
    Path lowest = directory("layer0");
    run("sh", "-ec", "cd " + lowest + ";" + LOWEST);
    directory("merged");
    for (int i = 1; i <= 2; i++) {
      directory("layer" + i);
      mount(
          "lowerdir=%s,upperdir=%s,workdir=%s,redirect_dir=on,metacopy=on,index=off"
              .formatted(lowers(i), home.resolve("layer" + i), directory("work" + i)));
      run("sh", "-ec", "cd " + home.resolve("merged") + ";" + (i == 1 ? MIDDLE : TOP));
      unmount();
    }
  }

  private Path directory(String name) throws IOException {
    return Files.createDirectory(home.resolve(name));
  }

  private String lowers(int below) {
    List<String> paths = new ArrayList<>();
    for (int i = below - 1; i >= 0; i--) {
      paths.add(home.resolve("layer" + i).toString());
    }
    return String.join(":", paths);
  }

  private void mount(String options) throws Exception {
    String merged = home.resolve("merged").toString();
    mounted = exitCode("mount", "-t", "overlay", "overlay", "-o", options, merged) == 0;
    assumeThat(mounted).as("no overlay with redirects can be mounted here").isTrue();
  }

  private void unmount() throws Exception {
    run("umount", home.resolve("merged").toString());
    mounted = false;
  }

  @AfterEach
  void close() throws Exception {
    open.forEach(HostTree::close);
    if (mounted) {
      unmount();
    }
  }

  private static void run(String... command) throws Exception {
    assertThat(exitCode(command)).as(String.join(" ", command)).isZero();
  }

  private static int exitCode(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private HostTree open(String name, boolean writable) throws IOException {
    HostTree tree = HostTree.open(home.resolve(name), writable);
    open.add(tree);
    return tree;
  }

  private static Node at(Node root, String path) throws IOException {
    Node node = root;
    for (String name : path.split("/", -1)) {
      node = Objects.requireNonNull(node.child(Name.of(name)), path);
    }
    return node;
  }

  private Map<String, String> kernels(String lowers) throws Exception {
    mount("redirect_dir=on,metacopy=on,lowerdir=" + lowers);
    HostTree tree = HostTree.open(home.resolve("merged"), false);
    try {
      return told(tree.root());
    } finally {
      tree.close();
      unmount();
    }
  }

  private static Map<String, String> told(Node root) throws IOException {
    Map<String, String> told = new TreeMap<>();
    Told.tree(root).forEach((path, file) -> told.put(path, file.toString()));
    told.replaceAll((path, file) -> file.replaceAll("\"nlink\":[0-9]+,", ""));
    told.remove("/");
    return told;
  }

  private List<Branch> layers(int below) throws IOException {
    List<Branch> branches = new ArrayList<>();
    for (int i = below - 1; i >= 0; i--) {
      branches.add(Branch.lower(open("layer" + i, false)));
    }
    return branches;
  }

  @Test
  void whatLiesElsewhereIsFoundAsTheKernelFindsIt() throws Exception {
    UnionTree union = UnionTree.of(layers(3), UnionRules.OVERLAY);
    assertThat(told(union.root())).isEqualTo(kernels(lowers(3)));
  }

  private UnionTree writable() throws IOException {
    HostTree all = open("", true);
    List<Branch> branches = new ArrayList<>();
    branches.add(new Branch(all, at(all.root(), "layer2"), Branch.Mode.WRITABLE));
    branches.addAll(layers(2));
    return UnionTree.ofOverlay(branches, at(all.root(), "work2"), UnionRules.OVERLAY);
  }

  private static void append(Node file, String text) throws IOException {
    try (WritableFile open = file.openForWriting()) {
      open.append(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Test
  void aFileOfAttributesAloneGetsItsContentBeforeItIsChanged() throws Exception {
    UnionTree union = writable();
    Node root = union.root();
    append(at(root, "moved-again/one"), "more");
    assertThat(new String(Told.read(at(root, "moved-again/one")), StandardCharsets.UTF_8))
        .isEqualTo("one\nmore");
    at(root, "d/large").change(AttributeChange.NONE.withPermissions(0700));
    long number = at(root, "f/three").attributes().inodeNr();
    at(root, "f").rename(Name.of("three"), at(root, "e"), Name.of("3"), RenameMode.REPLACE);
    assertThat(at(root, "e/3").attributes().inodeNr()).isEqualTo(number);
    at(root, "a").link(Name.of("6"), at(root, "a/six"));
    at(root, "f/sub/seven").change(AttributeChange.NONE.withSize(3L));
    at(root, "d").unlink(Name.of("sparse"));
    Map<String, String> seen = told(root);
    union.sync();
    assertThat(seen).isEqualTo(kernels(lowers(3)));
    assertThat(told(UnionTree.of(layers(3), UnionRules.OVERLAY).root())).isEqualTo(seen);
  }

  @Test
  void aFileWhoseContentIsNowhereGivesAnError() throws Exception {
    Files.delete(home.resolve("layer0/d/large"));
    Node large = at(UnionTree.of(layers(3), UnionRules.OVERLAY).root(), "d/large");
    assertThat(large.attributes().size()).isEqualTo(300_000);
    assertThatThrownBy(large::open)
        .isInstanceOf(FsException.class)
        .hasMessageContaining("no branch below has its content");
  }
}
