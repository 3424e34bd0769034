package io.lamina.mount;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lamina.layer.NewStore;
import io.lamina.layer.StoreTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * What aufs did, done at {@code mnt/<container>} of a store that keeps its layers as aufs does; the
 * next layer is the container, committed.
 */
class AufsScenarioStoreTest extends MountedScenarioContract {
  private static final long SECOND = 1_000_000_000;
  private static final NewStore.Sizes SIZES = new NewStore.Sizes(1 << 30, 1 << 30);

  /** What the kernel says of an image, as other parts of the mount can be written to. */
  private static final Map<String, Set<Integer>> IN_A_WRITABLE_MOUNT =
      Map.of("ro-branches", Set.of(15), "ro-mount", Set.of(15, 16, 19, 20));

  private static @TempDir Path home;

  @BeforeAll
  static void makeStore() throws IOException {
    StoreTools.requireRootAndMkfs();
    NewStore.create(store(), NewStore.Kind.AUFS, SIZES);
  }

  private static Path store() {
    return home.resolve("store");
  }

  @AfterAll
  static void allIsSound() throws Exception {
    if (Files.exists(store())) {
      StoreTools.checkPool(store(), NewStore.Kind.AUFS);
    }
  }

  @Override
  protected boolean givesSomethingElse(String name, int operation) {
    return super.givesSomethingElse(name, operation)
        || IN_A_WRITABLE_MOUNT.getOrDefault(name, Set.of()).contains(operation);
  }

  /** A tar has whole seconds and no sockets, and pseudo-links are no part of it. */
  @Override
  protected void takeOutOfNextLayer(Map<String, JsonNode> tree) {
    Map<String, Integer> nameCounts = new HashMap<>();
    tree.values().forEach(file -> nameCounts.merge(file.path("hl").asText(), 1, Integer::sum));
    tree.values().removeIf(file -> file.path("type").asText().equals("s"));
    for (JsonNode file : tree.values()) {
      ObjectNode told = (ObjectNode) file;
      told.remove("nlink");
      if (nameCounts.getOrDefault(told.path("hl").asText(), 0) == 1) {
        told.remove("hl");
      }
      if (told.path("mtime").isNumber()) {
        told.put("mtime", told.get("mtime").asLong() / SECOND * SECOND);
      }
    }
  }

  @Override
  protected Place place() throws IOException {
    return new StoreBranches(store(), unionOps());
  }
}
