package io.lamina.ext4;

import io.lamina.block.BlockDevice;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Asks everything of every file that can be reached, and collects what goes wrong. */
final class Walk {
  private static final int MAX_READS = 2000;

  private record Step(String path, Node node) {}

  private final Map<String, String> errors = new TreeMap<>();
  private final Set<Node> seen = new HashSet<>();
  private final Deque<Step> left = new ArrayDeque<>();

  private Walk() {}

  /**
   * Walks a volume.
   *
   * @return the message of the first error of each path; that of the whole volume, when it cannot
   *     be opened, under the empty path
   */
  static Map<String, String> errors(BlockDevice device) {
    Walk walk = new Walk();
    try (Ext4 opened = Ext4.open(device)) {
      walk.attempt("statfs", opened::space);
      walk.left.add(new Step("", opened.root()));
      while (!walk.left.isEmpty()) {
        walk.visit(walk.left.remove());
      }
    } catch (IOException e) {
      walk.errors.put("", e.getMessage());
    }
    return walk.errors;
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private void attempt(String path, Attempt attempt) {
    try {
      attempt.run();
    } catch (FsException e) {
      // A question that does not fit the file.
    } catch (IOException e) {
      errors.putIfAbsent(path.isEmpty() ? "/" : path, e.getMessage());
    }
  }

  private void visit(Step step) {
    Node node = step.node();
    String path = step.path();
    if (!seen.add(node)) {
      return;
    }
    attempt(path, node::attributes);
    attempt(path, node::flags);
    attempt(path, node::readLink);
    attempt(
        path,
        () -> {
          for (Name name : node.xattrNames()) {
            attempt(path, () -> node.xattr(name));
          }
        });
    attempt(path, () -> read(node));
    attempt(path, () -> children(path, node));
  }

  private void children(String path, Node node) throws IOException {
    List<Name> names = new ArrayList<>();
    try {
      node.list(0, (name, inodeNr, type, next) -> names.add(name));
    } finally {
      for (Name name : names) {
        String child = path + "/" + name;
        attempt(
            child,
            () -> {
              Node found = node.child(name);
              if (found == null) {
                errors.putIfAbsent(child, "listed, but not found");
              } else {
                left.add(new Step(child, found));
              }
            });
      }
      attempt(path, () -> node.child(Name.of("no such name")));
    }
  }

  /** Reads the data, all of it unless that is far more than a volume of this size holds. */
  private static void read(Node node) throws IOException {
    if (node.attributes().type() != FileType.REGULAR) {
      return;
    }
    try (OpenFile file = node.open()) {
      ByteBuffer buffer = ByteBuffer.allocate(1 << 14);
      long at = file.nextData(0);
      for (int reads = 0; at < file.size() && reads < MAX_READS; reads++) {
        at += file.read(at, buffer.clear());
        at = file.nextData(at);
      }
      file.read(Math.max(0, file.size() - 10), buffer.clear());
      file.nextHole(0);
    }
  }
}
