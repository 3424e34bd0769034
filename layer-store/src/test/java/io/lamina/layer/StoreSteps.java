package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Owner;
import io.lamina.graph.CommittedImage;
import io.lamina.graph.ContainerOptions;
import io.lamina.thin.WriteOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Everything that changes a store, one after the other, in a process that is killed on the way. */
final class StoreSteps {
  private StoreSteps() {}

  /** Runs them. */
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[0]);
    Path scratch = Path.of(args[1]);
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      run(opened, scratch);
    }
    System.out.println("done");
  }

  /** The same in a store that is open. */
  static void run(WritableRoot opened, Path scratch) throws IOException {
    StoreTools.addImage(opened, StoreTools.tar(scratch, List.of("other", "2")), "other:1");
    opened.createContainer("app:1", "web", ContainerOptions.NONE);
    try (FileTree tree = opened.openContainer("web")) {
      tree.root().create(Name.of("new"), NewFile.regular(0644, new Owner(0, 0)));
    }
    opened.commit("web", new CommittedImage.Commit(null, null, List.of()));
    opened.removeContainer("web", false);
    opened.removeImage("other:1", false, false);
  }
}
