package io.lamina.mount;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lamina.fuse.Fuse;
import io.lamina.images.HostTool;
import io.lamina.layer.union.AufsScenarioContract;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * What aufs did, done in a mount by the program that ran it; but for what the kernel does not ask a
 * FUSE mount, as {@code docs/ARCHITECTURE.md} says.
 */
abstract class MountedScenarioContract extends AufsScenarioContract {
  /** By scenario, the operations that give something else here. */
  private static final Map<String, Set<Integer>> RESULTS =
      Map.of(
          "attr-utimes", Set.of(4), // a directory that a file was copied up in
          "open-mmap", Set.of(5), // a file has one page cache
          "rd-during-unlink", Set.of(4), // where a listing goes on after removals
          "ro-branches", Set.of(16, 19, 20)); // the mount is read-only

  private static @Nullable UnionOps unionOps;

  @BeforeAll
  static void startUnionOps() throws IOException {
    Fuse.assumeWorks();
    assumeTrue(HostTool.exists("python3"), "needs python3");
    unionOps = new UnionOps();
  }

  @AfterAll
  static void stopUnionOps() throws IOException {
    if (unionOps != null) {
      unionOps.close();
    }
  }

  /** Who runs operations in a mount. */
  static UnionOps unionOps() {
    return Objects.requireNonNull(unionOps);
  }

  @Override
  protected boolean givesSomethingElse(String name, int operation) {
    return RESULTS.getOrDefault(name, Set.of()).contains(operation);
  }

  @Override
  protected void takeOutDifferences(String name, Map<String, JsonNode> tree) {
    switch (name) {
      case "rd-dup" -> tree.remove("/d/6"); // to write nothing is to do nothing
      case "perm-umask", "rd-nlink" -> withoutLinksOfRoot(tree); // its branch's root has more now
      case "ro-mount" -> { // what is aufs' own is not made
        withoutLinksOfRoot(tree);
        tree.keySet().removeIf(path -> path.startsWith("/.wh..wh."));
      }
      default -> {}
    }
  }

  private static void withoutLinksOfRoot(Map<String, JsonNode> tree) {
    ((ObjectNode) tree.get("/")).remove("nlink");
  }
}
