package io.lamina.layer.union;

import java.util.Map;
import java.util.Set;

/** Where we do not do as aufs did; {@code docs/ARCHITECTURE.md} says why. */
final class AufsDifferences {
  /** By scenario, the operations that give something else here. */
  private static final Map<String, Set<Integer>> RESULTS =
      Map.of(
          "attr-utimes", Set.of(3, 5), // nanoseconds stay
          "attr-xattr", Set.of(12, 15), // an attribute that is removed is gone
          "ln-unlink-one", Set.of(1), // one link less is one link less
          "mv-exchange", Set.of(21), // an exchanged directory is found
          "open-unlink", Set.of(3, 13, 14), // a file without a name has no links
          "open-unlink-recreate", Set.of(5),
          "special-nodes", Set.of(19)); // content of devices is the kernel's business

  /** Where those show in the trees too. */
  private static final Set<String> TREES =
      Set.of("attr-utimes", "attr-xattr", "ln-unlink-one", "mv-exchange");

  private AufsDifferences() {}

  static boolean isOne(String scenario, int operation) {
    return RESULTS.getOrDefault(scenario, Set.of()).contains(operation);
  }

  static boolean isInTrees(String scenario) {
    return TREES.contains(scenario);
  }

  /** What the next mount of aufs shows again after it was removed. */
  static boolean showsTooMuch(String scenario, String path) {
    return switch (scenario) {
      case "random-1" -> path.startsWith("/a/long") && path.endsWith("long/ee");
      case "random-2" -> path.equals("/b/dd");
      default -> false;
    };
  }
}
