package io.lamina.layer.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.XattrMode;
import io.lamina.fs.host.HostTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Extended attributes that no file system has, as the kernel's unions answer. */
class UnionAttributesTest {
  private static final Name UNKNOWN = Name.of("foo.bar");
  private static final byte[] VALUE = {1};

  @TempDir Path home;
  private final List<HostTree> trees = new ArrayList<>();

  @AfterEach
  void close() {
    trees.forEach(HostTree::close);
  }

  private HostTree tree(String name, boolean writable) throws IOException {
    HostTree tree = HostTree.open(Files.createDirectories(home.resolve(name)), writable);
    trees.add(tree);
    return tree;
  }

  private List<Node> files(UnionTree union) throws IOException {
    Node file = union.root().child(Name.of("file"));
    assertThat(file).isNotNull();
    return List.of(file, union.root());
  }

  private Branch image() throws IOException {
    Branch lower = Branch.lower(tree("lower", false));
    Files.writeString(home.resolve("lower/file"), "");
    return lower;
  }

  private static void requireErrno(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(FsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  private static void requireUnknown(Node file) throws IOException {
    requireErrno(Errno.EOPNOTSUPP, () -> file.xattr(UNKNOWN));
    assertThat(file.xattr(Name.of("user.none"))).isNull();
    assertThat(file.xattrNames()).doesNotContain(UNKNOWN);
  }

  @ParameterizedTest
  @EnumSource
  void anImageHasNoneOfAnUnknownKind(UnionRules rules) throws IOException {
    for (Node file : files(UnionTree.of(List.of(image()), rules))) {
      requireUnknown(file);
      requireErrno(Errno.EROFS, () -> file.setXattr(UNKNOWN, VALUE, XattrMode.ANY));
      requireErrno(Errno.EROFS, () -> file.removeXattr(UNKNOWN));
      requireErrno(Errno.EROFS, () -> file.removeXattr(Name.of("user.none")));
    }
  }

  private UnionTree container(UnionRules rules) throws IOException {
    List<Branch> branches = List.of(Branch.upper(tree("upper", true)), image());
    return rules == UnionRules.AUFS
        ? UnionTree.of(branches, rules)
        : UnionTree.ofOverlay(branches, work(), rules);
  }

  private Node work() throws IOException {
    Attributes ours = trees.get(0).root().attributes();
    Owner owner = new Owner(ours.userId(), ours.groupId());
    return trees.get(0).root().create(Name.of("work"), NewFile.directory(0700, owner));
  }

  @ParameterizedTest
  @EnumSource
  void aContainerTakesNoneOfAnUnknownKind(UnionRules rules) throws IOException {
    for (Node file : files(container(rules))) {
      requireUnknown(file);
      requireErrno(Errno.EOPNOTSUPP, () -> file.removeXattr(UNKNOWN));
      requireErrno(Errno.EOPNOTSUPP, () -> file.setXattr(UNKNOWN, VALUE, XattrMode.ANY));
      requireErrno(Errno.ENODATA, () -> file.removeXattr(Name.of("user.none")));
      requireUnknown(file); // it may lie in the upper branch now
    }
  }
}
