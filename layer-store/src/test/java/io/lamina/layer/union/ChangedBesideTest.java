package io.lamina.layer.union;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.ext4.Ext4;
import io.lamina.ext4.InMemory;
import io.lamina.ext4.WritableImage;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who changes a branch beside its union may have old names shown for a while, but no file under
 * another's name: not though a number is used again.
 */
class ChangedBesideTest {
  private static final NewFile DIRECTORY = NewFile.directory(0755, new Owner(0, 0));

  @TempDir(factory = InMemory.class)
  Path directory;

  private Ext4 volume;
  private Node upper;
  private Node lower;

  @BeforeEach
  void make() throws IOException {
    volume = new WritableImage(directory, "16M", "-b 1024").open();
    upper = volume.root().create(Name.of("upper"), DIRECTORY);
    lower = volume.root().create(Name.of("lower"), DIRECTORY);
  }

  @AfterEach
  void close() throws IOException {
    volume.close();
  }

  private static NewFile file(int permissions) {
    return NewFile.regular(permissions, new Owner(0, 0));
  }

  private UnionTree union(Branch.Mode mode) throws IOException {
    return UnionTree.of(
        List.of(
            new Branch(volume, upper, mode),
            new Branch(volume, lower, Branch.Mode.READ_ONLY_WITH_WHITEOUTS)),
        UnionRules.AUFS);
  }

  private static Node child(Node node, String name) throws IOException {
    return Objects.requireNonNull(node.child(Name.of(name)), name);
  }

  private static void list(UnionTree union) throws IOException {
    union.root().list(0, (name, inodeNr, type, next) -> true);
  }

  /** Gives its number to another file. */
  private static void replace(Node where, String name) throws IOException {
    long inodeNr = child(where, name).attributes().inodeNr();
    where.unlink(Name.of(name));
    Node other = where.create(Name.of("secret of " + name), file(0600));
    assertThat(other.attributes().inodeNr()).isEqualTo(inodeNr);
  }

  @Test
  void aNumberThatIsUsedAgainInALowerBranch() throws IOException {
    lower.create(Name.of("a"), file(0644));
    UnionTree union = union(Branch.Mode.WRITABLE);
    list(union);
    replace(lower, "a");
    assertThat(union.root().child(Name.of("a"))).isNull();
  }

  @Test
  void aNumberThatIsUsedAgainInTheUpperBranchThatTheUnionChangesToo() throws IOException {
    UnionTree union = union(Branch.Mode.WRITABLE);
    union.root().create(Name.of("a"), file(0644));
    union.root().create(Name.of("b"), file(0644));
    list(union);
    replace(upper, "a");
    union.root().unlink(Name.of("b"));
    assertThat(union.root().child(Name.of("a"))).isNull();
  }

  @Test
  void aNumberThatIsUsedAgainWhereAnotherUnionChangesTheBranch() throws IOException {
    UnionTree changing = union(Branch.Mode.WRITABLE);
    changing.root().create(Name.of("a"), file(0644));
    UnionTree looking = union(Branch.Mode.READ_ONLY_WITH_WHITEOUTS);
    list(looking);
    changing.root().unlink(Name.of("a"));
    changing.root().create(Name.of("b"), file(0600));
    assertThat(looking.root().child(Name.of("a"))).isNull();
  }

  @Test
  void aNameThatAnotherFileHasNow() throws IOException {
    lower.create(Name.of("a"), file(0644));
    UnionTree union = union(Branch.Mode.WRITABLE);
    list(union);
    lower.unlink(Name.of("a"));
    lower.create(Name.of("a"), DIRECTORY).create(Name.of("in it"), file(0600));
    Node found = child(union.root(), "a");
    assertThat(found.attributes().type()).isEqualTo(FileType.DIRECTORY);
    assertThat(found.child(Name.of("in it"))).isNotNull();
  }

  @Test
  void whatTheUnionRemovesItselfKeepsNothingFromBeingFoundByItsNumber() throws IOException {
    lower.create(Name.of("c"), file(0644));
    UnionTree union = union(Branch.Mode.WRITABLE);
    UnionDirectory root = (UnionDirectory) union.root();
    list(union);
    root.create(Name.of("a"), file(0644));
    root.create(Name.of("b"), file(0644));
    root.unlink(Name.of("a"));
    root.unlink(Name.of("c"));
    root.create(Name.of("c"), file(0644));
    assertThat(root.entries().removalCount(0)).isEqualTo(upper.removalCount()).isPositive();
  }
}
