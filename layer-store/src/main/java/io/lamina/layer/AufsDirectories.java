package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.layer.union.UnionRules;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Docker's aufs driver: {@code diff/<id>/} a layer's own files, {@code layers/<id>} the names of
 * those below it, the nearest first, {@code mnt/<id>/} where docker mounts the union.
 *
 * @see <a
 *     href="https://github.com/moby/moby/blob/v20.10.24/daemon/graphdriver/aufs/aufs.go">docker's
 *     aufs.go</a>
 */
final class AufsDirectories extends StoredDirectories {
  private static final String DIFF = "diff";
  private static final String LAYERS = "layers";
  private static final String MNT = "mnt";

  private final Map<String, Node> parts = new ConcurrentHashMap<>();

  AufsDirectories(FileTree tree, Node home) {
    super(tree, home, UnionRules.AUFS);
  }

  /** Makes the three directories where they are not there yet. */
  void init() throws IOException {
    for (String name : new String[] {DIFF, LAYERS, MNT}) {
      directory(home(), name, READABLE);
    }
  }

  /** None of them ever goes away, and a union of a hundred layers asks a hundred times. */
  private Node part(String name) throws IOException {
    Node known = parts.get(name);
    if (known == null) {
      known = directory(home(), name, READABLE);
      parts.put(name, known);
    }
    return known;
  }

  @Override
  @Nullable Node files(String driverId) throws IOException {
    return part(DIFF).child(Name.of(driverId));
  }

  @Override
  boolean has(String driverId) throws IOException {
    for (String name : new String[] {DIFF, LAYERS, MNT}) {
      if (part(name).child(Name.of(driverId)) != null) {
        return true;
      }
    }
    return false;
  }

  @Override
  Node make(String driverId) throws IOException {
    return directory(part(DIFF), driverId, READABLE);
  }

  @Override
  void finish(String driverId, LayerStack below) throws IOException {
    String names =
        below.layers().stream().map(layer -> layer.driverId() + "\n").collect(Collectors.joining());
    note(part(LAYERS), driverId, names);
    directory(part(MNT), driverId, READABLE);
  }

  @Override
  void rename(String driverId, String newDriverId) throws IOException {
    for (String name : new String[] {LAYERS, MNT, DIFF}) {
      move(part(name), driverId, newDriverId);
    }
  }

  @Override
  void remove(String driverId) throws IOException {
    for (String name : new String[] {MNT, LAYERS, DIFF}) {
      removeEntry(part(name), driverId);
    }
  }

  @Override
  @Nullable Node workDirectory(String driverId) {
    return null; // aufs works within the branch
  }
}
