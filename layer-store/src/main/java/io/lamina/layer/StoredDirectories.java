package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.Removal;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import io.lamina.layer.union.UnionRules;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where a storage driver with unions keeps its layers: in directories, and notes beside them. */
abstract class StoredDirectories implements Closeable {
  static final Owner ROOT = new Owner(0, 0);
  static final int READABLE = 0755;
  private static final int NOTE = 0644;

  private final FileTree tree;
  private final Node home;
  private final UnionRules rules;

  /**
   * Of a driver.
   *
   * @param tree what they lie in; closed with this
   * @param home the driver's own directory
   */
  StoredDirectories(FileTree tree, Node home, UnionRules rules) {
    this.tree = tree;
    this.home = home;
    this.rules = rules;
  }

  final FileTree tree() {
    return tree;
  }

  final Node home() {
    return home;
  }

  final UnionRules rules() {
    return rules;
  }

  /** The directory with a layer's own files; null where there is no such layer. */
  abstract @Nullable Node files(String driverId) throws IOException;

  /** Whether anything of a layer is there. */
  abstract boolean has(String driverId) throws IOException;

  /** Makes the directory for a layer's own files. */
  abstract Node make(String driverId) throws IOException;

  /** Notes what lies below a new layer, and makes what the driver needs to mount it. */
  abstract void finish(String driverId, LayerStack below) throws IOException;

  abstract void rename(String driverId, String newDriverId) throws IOException;

  /** Removes all of a layer that is there. */
  abstract void remove(String driverId) throws IOException;

  /** A directory of the same tree for work on a container's files; null where none is needed. */
  abstract @Nullable Node workDirectory(String driverId) throws IOException;

  static Node directory(Node parent, String name, int permissions) throws IOException {
    Node there = parent.child(Name.of(name));
    return there == null
        ? parent.create(Name.of(name), NewFile.directory(permissions, ROOT))
        : there;
  }

  static void note(Node directory, String name, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Node file = directory.create(Name.of(name), NewFile.regular(NOTE, ROOT));
    try (WritableFile open = file.openForWriting()) {
      open.write(0, ByteBuffer.wrap(bytes));
    }
  }

  /** The content of a note; empty where there is none. */
  static String text(Node directory, String name) throws IOException {
    @Nullable Node file = directory.child(Name.of(name));
    if (file == null) {
      return "";
    }
    try (OpenFile open = file.open()) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(open.size(), 1 << 16));
      int count = open.read(0, bytes);
      return new String(bytes.array(), 0, Math.max(count, 0), StandardCharsets.UTF_8);
    }
  }

  static void move(Node directory, String name, String newName) throws IOException {
    if (directory.child(Name.of(name)) != null) {
      directory.rename(Name.of(name), directory, Name.of(newName), RenameMode.REPLACE);
    }
  }

  static void removeEntry(Node directory, String name) throws IOException {
    if (directory.child(Name.of(name)) != null) {
      Removal.remove(directory, Name.of(name));
    }
  }

  @Override
  public void close() throws IOException {
    tree.close();
  }
}
