package io.lamina.layer.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.host.HostTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnionReadTest {
  @TempDir Path home;
  private final List<HostTree> trees = new ArrayList<>();

  @AfterEach
  void close() {
    trees.forEach(HostTree::close);
  }

  @Test
  void theFileOfTheFirstBranchShows() throws IOException {
    Node root = union("a=bottom b=bottom", "a=top");
    assertThat(text(root, "a")).isEqualTo("top");
    assertThat(text(root, "b")).isEqualTo("bottom");
    assertThat(names(root)).containsExactly("a", "b");
  }

  @Test
  void aWhiteoutHidesTheNameInEveryBranchBelow() throws IOException {
    Node root = union("a=0 b=0", "a=1", ".wh.a= c=2");
    assertThat(root.child(Name.of("a"))).isNull();
    assertThat(names(root)).containsExactly("b", "c");
  }

  @Test
  void aWhiteoutOfAPlainReadOnlyBranchHidesNothing() throws IOException {
    Path bottom = layer(0, "a=0");
    Path top = layer(1, ".wh.a=");
    HostTree tree = open(top);
    Branch plain = new Branch(tree, tree.root(), Branch.Mode.READ_ONLY);
    Node root = UnionTree.of(List.of(plain, Branch.lower(open(bottom))), UnionRules.AUFS).root();
    assertThat(names(root)).containsExactly("a");
    assertThat(text(root, "a")).isEqualTo("0");
  }

  @Test
  void anOpaqueDirectoryHidesThoseBelow() throws IOException {
    Node root = union("d/a=0", "d/b=1 d/.wh..wh..opq=", "d/c=2");
    assertThat(names(child(root, "d"))).containsExactly("b", "c");
    assertThat(child(root, "d").child(Name.of("a"))).isNull();
  }

  @Test
  void aufsGoesOnBelowAFileBetweenDirectories() throws IOException {
    Node root = union("d/a=0", "d=file", "d/c=2");
    assertThat(names(child(root, "d"))).containsExactly("a", "c");
  }

  @Test
  void overlayEndsAtAFileBetweenDirectories() throws IOException {
    Node root = union(UnionRules.OVERLAY_USER, "d/a=0", "d=file", "d/c=2");
    assertThat(names(child(root, "d"))).containsExactly("c");
  }

  @Test
  void namesOfTheUnionItselfAreRefused() throws IOException {
    Node root = union("a=0 .wh..wh.plnk/1.1=x", "n".repeat(243) + "=");
    assertErrno(Errno.EPERM, () -> root.child(Name.of(".wh.a")));
    assertErrno(Errno.EPERM, () -> root.child(Name.of(".wh..wh.plnk")));
    assertErrno(Errno.ENAMETOOLONG, () -> root.child(Name.of("n".repeat(243))));
    assertThat(names(root)).containsExactly("a", "n".repeat(243));
  }

  @Test
  void aFileHasOneNodeAndOneNumber() throws IOException {
    Node root = union("a=0 d/e/f=0", "b=1 d/g=1");
    assertThat(child(root, "d")).isSameAs(child(root, "d"));
    assertThat(child(child(root, "d"), "e")).isSameAs(child(child(root, "d"), "e"));
    TreeMap<String, Long> listed = new TreeMap<>();
    root.list(
        0,
        (name, inodeNr, type, next) -> {
          listed.put(name.toString(), inodeNr);
          return true;
        });
    for (String name : List.of("a", "b", "d")) {
      assertThat(child(root, name).attributes().inodeNr()).isEqualTo(listed.get(name));
    }
  }

  @Test
  void aListingThatStopsGoesOnWhereItStopped() throws IOException {
    List<String> lower = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      lower.add("file" + i + "=");
    }
    Node root = union(String.join(" ", lower), String.join(" ", lower.subList(0, 150)), "file299=");
    List<String> seen = new ArrayList<>();
    long[] cookie = {0};
    int[] before = {-1};
    while (before[0] != seen.size()) {
      before[0] = seen.size();
      root.list(
          cookie[0],
          (name, inodeNr, type, next) -> {
            if (seen.size() == before[0] + 7) {
              return false;
            }
            cookie[0] = next;
            return seen.add(name.toString());
          });
    }
    assertThat(seen).hasSize(300).doesNotHaveDuplicates();
  }

  @Test
  void aHundredBranchesAreShownAsOne() throws IOException {
    List<String> layers = new ArrayList<>();
    for (int i = 0; i < UnionTree.MAX_BRANCHES; i++) {
      layers.add("all/own" + i + "=" + i + " all/shared=" + i);
    }
    Node all = child(union(UnionRules.AUFS, layers), "all");
    assertThat(names(all)).hasSize(UnionTree.MAX_BRANCHES + 1);
    assertThat(text(all, "own0")).isEqualTo("0");
    assertThat(text(all, "shared")).isEqualTo("127");
  }

  private Node union(String... layers) throws IOException {
    return union(UnionRules.AUFS, List.of(layers));
  }

  private Node union(UnionRules rules, String... layers) throws IOException {
    return union(rules, List.of(layers));
  }

  private Node union(UnionRules rules, List<String> layers) throws IOException {
    List<Branch> branches = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      branches.add(0, Branch.lower(open(layer(i, layers.get(i)))));
    }
    return UnionTree.of(branches, rules).root();
  }

  private Path layer(int number, String files) throws IOException {
    Path layer = Files.createDirectory(home.resolve("layer" + number));
    for (String file : files.split(" ", -1)) {
      int equals = file.indexOf('=');
      Path path = layer.resolve(file.substring(0, equals));
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.substring(equals + 1));
    }
    return layer;
  }

  private HostTree open(Path directory) throws IOException {
    HostTree tree = HostTree.open(directory, false);
    trees.add(tree);
    return tree;
  }

  private static Node child(Node directory, String name) throws IOException {
    Node child = directory.child(Name.of(name));
    assertThat(child).as(name).isNotNull();
    return child;
  }

  private static Set<String> names(Node directory) throws IOException {
    Set<String> names = new TreeSet<>();
    directory.list(0, (name, inodeNr, type, next) -> names.add(name.toString()));
    return names;
  }

  private static String text(Node directory, String name) throws IOException {
    try (OpenFile file = child(directory, name).open()) {
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      file.read(0, bytes);
      return new String(bytes.array(), StandardCharsets.UTF_8);
    }
  }

  private static void assertErrno(
      Errno errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(FsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }
}
