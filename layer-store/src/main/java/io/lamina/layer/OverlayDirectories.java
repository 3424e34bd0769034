package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.layer.union.UnionRules;
import java.io.IOException;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Docker's overlay2 driver: {@code <id>/diff/} a layer's own files, {@code <id>/link} a short name
 * that {@code l/} has a symbolic link of, {@code <id>/lower} the links of those below it, the
 * nearest first, a directory {@code work} beside them where there is any below, and a file {@code
 * committed} where there is one above.
 *
 * @see <a
 *     href="https://github.com/moby/moby/blob/v20.10.24/daemon/graphdriver/overlay2/overlay.go">docker's
 *     overlay.go</a>
 */
final class OverlayDirectories extends StoredDirectories {
  private static final String DIFF = "diff";
  private static final String LINK = "link";
  private static final String LINKS = "l";
  private static final String LOWER = "lower";
  private static final String WORK = "work";
  private static final String COMMITTED = "committed";
  private static final int PRIVATE = 0700;
  private static final int LAYER = 0710;
  private static final int MAX_LAYERS = 128;
  private static final int LINK_LENGTH = 26;
  private static final String LINK_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final SecureRandom RANDOM = new SecureRandom();

  OverlayDirectories(FileTree tree, Node home, UnionRules rules) {
    super(tree, home, rules);
  }

  private @Nullable Node layer(String driverId) throws IOException {
    return home().child(Name.of(driverId));
  }

  private Node present(String driverId) throws IOException {
    @Nullable Node layer = layer(driverId);
    if (layer == null) {
      throw new IOException("layer " + driverId + ": its directory is missing");
    }
    return layer;
  }

  @Override
  @Nullable Node files(String driverId) throws IOException {
    @Nullable Node layer = layer(driverId);
    return layer == null ? null : layer.child(Name.of(DIFF));
  }

  @Override
  boolean has(String driverId) throws IOException {
    return layer(driverId) != null;
  }

  @Override
  Node make(String driverId) throws IOException {
    return directory(directory(home(), driverId, LAYER), DIFF, READABLE);
  }

  @Override
  void finish(String driverId, LayerStack below) throws IOException {
    if (below.layers().size() >= MAX_LAYERS) {
      throw new IOException("max depth exceeded");
    }
    Node layer = present(driverId);
    if (layer.child(Name.of(LINK)) == null) {
      String link = newLink();
      note(layer, LINK, link);
      link(driverId, link);
    }
    @Nullable Layer parent = below.top().orElse(null);
    if (parent == null || layer.child(Name.of(LOWER)) != null) {
      return;
    }
    directory(layer, WORK, PRIVATE);
    Node parentLayer = present(parent.driverId());
    String lower = LINKS + "/" + text(parentLayer, LINK);
    String lowers = text(parentLayer, LOWER);
    note(layer, LOWER, lowers.isEmpty() ? lower : lower + ":" + lowers);
    if (parentLayer.child(Name.of(COMMITTED)) == null) {
      note(parentLayer, COMMITTED, "");
    }
  }

  private static String newLink() {
    StringBuilder link = new StringBuilder();
    for (int i = 0; i < LINK_LENGTH; i++) {
      link.append(LINK_LETTERS.charAt(RANDOM.nextInt(LINK_LETTERS.length())));
    }
    return link.toString();
  }

  private void link(String driverId, String link) throws IOException {
    directory(home(), LINKS, PRIVATE)
        .createSymlink(Name.of(link), Name.of("../" + driverId + "/" + DIFF), ROOT);
  }

  @Override
  void rename(String driverId, String newDriverId) throws IOException {
    String link = text(present(driverId), LINK);
    removeEntry(directory(home(), LINKS, PRIVATE), link);
    move(home(), driverId, newDriverId);
    link(newDriverId, link);
  }

  @Override
  void remove(String driverId) throws IOException {
    @Nullable Node layer = layer(driverId);
    if (layer != null) {
      String link = text(layer, LINK);
      if (!link.isEmpty() && link.indexOf('/') < 0) {
        removeEntry(directory(home(), LINKS, PRIVATE), link);
      }
      removeEntry(home(), driverId);
    }
  }

  @Override
  @Nullable Node workDirectory(String driverId) throws IOException {
    return directory(present(driverId), WORK, PRIVATE);
  }
}
