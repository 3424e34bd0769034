package io.lamina.mount;

import io.lamina.fs.EntryListener;
import io.lamina.fs.FileTree;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import io.lamina.fuse.MemoryNode;
import io.lamina.fuse.MemoryTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** A mount that is there already, but whose beginning ends only when standard input does. */
final class BeginningServer {
  private BeginningServer() {}

  /** Its tree is told last who listens to it. */
  private record SlowTree(Node root) implements FileTree {
    @Override
    public TreeSpace space() {
      return MemoryTree.SPACE;
    }

    @Override
    public void close() {
      // Memory: nothing to give back.
    }

    @Override
    public void listen(EntryListener listener) {
      System.out.println("ready");
      try {
        System.in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Argument: where to mount it. */
  public static void main(String[] args) throws Exception {
    SlowTree tree = new SlowTree(MemoryNode.directory());
    Mount.start(tree, tree, "slow", Path.of(args[0]), MountOptions.parse(List.of())).await();
  }
}
