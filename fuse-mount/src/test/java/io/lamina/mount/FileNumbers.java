package io.lamina.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fuse.Fuse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Looks at the inode numbers of a mount. */
final class FileNumbers {
  private FileNumbers() {}

  /** No file of one tree has a number of another, and listings tell the numbers that files have. */
  static void requireDistinct(Fuse fuse, List<String> trees) {
    Map<String, String> treeOf = new HashMap<>();
    for (String tree : trees) {
      String[] numbers = fuse.run("find", tree, "-printf", "%i\\n").split("\n", -1);
      assertThat(numbers).as(tree).hasSizeGreaterThan(3);
      for (String number : numbers) {
        String other = number.isEmpty() ? null : treeOf.putIfAbsent(number, tree);
        assertThat(other == null || other.equals(tree)).as("%s %s", tree, other).isTrue();
      }
      assertThat(treeOf.keySet()).containsAll(listed(fuse, tree));
    }
  }

  private static List<String> listed(Fuse fuse, String directory) {
    return fuse.run("ls", "-A1i", "--sort=none", directory)
        .lines()
        .map(line -> line.trim().split(" ", 2)[0])
        .toList();
  }
}
