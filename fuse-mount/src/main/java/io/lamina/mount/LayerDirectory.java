package io.lamina.mount;

import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.virtual.VirtualDirectory;
import io.lamina.fs.virtual.VirtualFile;
import io.lamina.fs.virtual.VirtualOwner;
import io.lamina.layer.union.UnionTree;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands at {@code mnt/<id>} and {@code diff/<id>}: the root of a tree that is put together
 * when it is first looked at. Where it cannot be, a directory with one file that says why.
 */
final class LayerDirectory implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(LayerDirectory.class);

  private final String what;
  private final Opener opener;
  private final InodeNumbers numbers;
  private final VirtualOwner owner;
  private final long inodeBase;
  private @Nullable FileTree tree;
  private @Nullable Node root;

  /** Puts the tree together. */
  interface Opener {
    FileTree open() throws IOException;
  }

  /**
   * Opens nothing yet.
   *
   * @param inodeBase of the numbers of its files, where they lie in no volume that is shown
   */
  LayerDirectory(
      String what, Opener opener, InodeNumbers numbers, VirtualOwner owner, long inodeBase) {
    this.what = what;
    this.inodeBase = inodeBase;
    this.opener = opener;
    this.numbers = numbers;
    this.owner = owner;
  }

  /** Puts it together anew when somebody looks next. */
  synchronized void forget() {
    root = null;
  }

  /** The root; one thread opens, who comes meanwhile waits for it. */
  synchronized Node root() {
    Node known = root;
    if (known == null) {
      known = opened();
      root = known;
    }
    return known;
  }

  private synchronized Node opened() {
    try {
      FileTree opened = opener.open();
      tree = opened;
      return numbered(opened);
    } catch (IOException e) {
      LOG.error("{}: {}", what, e.getMessage());
      String text = what + ": " + e.getMessage() + "\n";
      VirtualFile file = new VirtualFile(numbers.next(), owner, () -> text);
      return new VirtualDirectory(
          numbers.next(),
          owner,
          List.of(VirtualDirectory.Entry.of(VolumeDirectory.ERROR_FILE, file)),
          false);
    }
  }

  private Node numbered(FileTree opened) throws IOException {
    if (opened instanceof UnionTree union) {
      union.numberFrom(inodeBase);
      return union.root();
    }
    Node top = opened.root();
    return top instanceof VolumeNode ? top : LookedAtNode.numbered(top, inodeBase);
  }

  VirtualDirectory.Entry entry(String name) {
    return new VirtualDirectory.Entry(
        Name.of(name), numbers.next(), FileType.DIRECTORY, this::root);
  }

  synchronized void sync() throws IOException {
    if (tree != null) {
      tree.sync();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (tree != null) {
      tree.close();
    }
  }
}
