package io.lamina.layer.union;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.host.HostTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a union keeps in memory of the files that went through it. */
class UnionMemoryTest {
  private static final int FILE_COUNT = 40;
  private static final int MOST_NUMBERS = 10;

  @TempDir Path home;
  private HostTree upper;
  private HostTree lower;
  private UnionTree union;

  @BeforeEach
  void lay() throws IOException {
    Path files = Files.createDirectory(home.resolve("lower"));
    for (int i = 0; i < FILE_COUNT; i++) {
      Path file = Files.writeString(files.resolve("a" + i), "content " + i);
      Files.createLink(files.resolve("b" + i), file);
    }
    upper = HostTree.open(Files.createDirectory(home.resolve("upper")), true);
    lower = HostTree.open(files, false);
    union =
        UnionTree.of(
            List.of(Branch.upper(upper), Branch.lower(lower)), UnionRules.AUFS, MOST_NUMBERS);
  }

  @AfterEach
  void close() {
    upper.close();
    lower.close();
  }

  private Node file(String name) throws IOException {
    Node file = union.root().child(Name.of(name));
    assertThat(file).as(name).isNotNull();
    return file;
  }

  @Test
  void aFileWithMoreNamesBelowIsKeptUntilTheLastOfThemIsGone() throws IOException {
    for (int i = 0; i < FILE_COUNT; i++) {
      if (i % 2 == 0) {
        file("a" + i).change(AttributeChange.NONE.withPermissions(0600));
      }
      union.root().unlink(Name.of("a" + i));
    }
    assertThat(union.keptFileCount()).isEqualTo(FILE_COUNT);
    for (int i = 0; i < FILE_COUNT; i++) {
      assertThat(file("b" + i).attributes().linkCount()).isEqualTo(1);
      assertThat(file("b" + i).attributes().permissions()).isEqualTo(i % 2 == 0 ? 0600 : 0644);
      union.root().unlink(Name.of("b" + i));
    }
    assertThat(union.keptFileCount()).isZero();
    assertThat(union.keptNumberCount()).isZero();
  }

  @Test
  void numbersOfCopiesAreRememberedInBounds() throws IOException {
    for (int i = 0; i < FILE_COUNT; i++) {
      Node file = file("a" + i);
      long before = file.attributes().inodeNr();
      file.change(AttributeChange.NONE.withPermissions(0600));
      assertThat(file("a" + i).attributes().inodeNr()).isEqualTo(before);
      assertThat(union.keptNumberCount()).isLessThanOrEqualTo(MOST_NUMBERS);
    }
  }
}
