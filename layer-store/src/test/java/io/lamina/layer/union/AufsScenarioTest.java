package io.lamina.layer.union;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** What aufs did, done by calls of the library. */
class AufsScenarioTest extends AufsScenarioContract {
  private @TempDir Path home;

  @Override
  protected @Nullable String reasonToSkip(String name, JsonNode script) {
    if (script.toString().contains("\"as\"")) {
      return "who may do what is asked by the kernel, above the tree";
    }
    return List.of("ro-mount", "open-mmap", "rd-during-unlink").contains(name)
        ? "the kernel does it, above the tree"
        : null;
  }

  @Override
  protected Place place() {
    return new HostBranches(home, AufsScenarioTest::show);
  }

  private static Shown show(UnionTree union) throws IOException {
    Operations operations = new Operations(union);
    return new Shown() {
      @Override
      public Map<String, JsonNode> tree() throws IOException {
        return Told.tree(union.root());
      }

      @Override
      public List<JsonNode> run(JsonNode script) throws IOException {
        return operations.run(script);
      }

      @Override
      public void close() {}
    };
  }
}
