package io.lamina.graph;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The id of a layer with all that lies below it.
 *
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md">layer chain
 *     ids</a>
 */
public final class ChainId {
  private ChainId() {}

  /**
   * The lowest layer's is its diff id; others have the digest of the one below's and their own.
   *
   * @param below the chain id of what lies below; null for nothing
   */
  public static Id of(@Nullable Id below, Id diffId) {
    if (below == null) {
      return diffId;
    }
    String both = below.text() + " " + diffId.text();
    return Id.digestOf(both.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * The layers that an image's config names, the lowest first.
   *
   * @throws IOException when one of them is no digest
   */
  public static List<Id> diffIds(JsonObject config) throws IOException {
    JsonObject rootFs = config.object("rootfs");
    List<Id> diffIds = new ArrayList<>();
    for (String diffId : rootFs.texts("diff_ids")) {
      diffIds.add(Id.parse(rootFs + ": diff_ids", diffId));
    }
    return diffIds;
  }
}
