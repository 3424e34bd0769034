package io.lamina.layer.change;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import io.lamina.fs.virtual.VirtualFile;
import io.lamina.fs.virtual.VirtualOwner;
import io.lamina.layer.union.Whiteouts;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a layer as a tree, in aufs' notation: what was added or changed is there with its
 * content and attributes, for what was deleted there is a whiteout.
 */
public final class DiffTree implements FileTree {
  /** As in aufs, all whiteouts are one file; no file system has a number like that. */
  private static final long WHITEOUT_INODE_NR = 1L << 55;

  private final FileTree changed;
  private final DiffDirectory root;
  private final Node whiteout = new VirtualFile(WHITEOUT_INODE_NR, VirtualOwner.ROOT, () -> "");

  private DiffTree(FileTree changed) throws IOException {
    this.changed = changed;
    this.root = new DiffDirectory(changed.root());
  }

  /**
   * The tree of changes.
   *
   * @param changes each directory before what is in it
   * @param changed where the files are; closing the tree of changes leaves it open
   */
  public static DiffTree of(List<Change> changes, FileTree changed) throws IOException {
    DiffTree tree = new DiffTree(changed);
    for (Change change : changes) {
      tree.add(change);
    }
    return tree;
  }

  private void add(Change change) throws IOException {
    String path = change.path().latin1();
    DiffDirectory directory = root;
    int start = 1;
    for (int slash = path.indexOf('/', start); slash > 0; slash = path.indexOf('/', start)) {
      directory = directory.directory(Name.ofLatin1(path.substring(start, slash)));
      start = slash + 1;
    }
    Name name = Name.ofLatin1(path.substring(start));
    if (change.kind() == Change.Kind.DELETED) {
      directory.add(Whiteouts.of(name), whiteout);
      return;
    }
    @Nullable Node file = directory.real().child(name);
    if (file != null) {
      directory.add(name, file.attributes().isDirectory() ? new DiffDirectory(file) : file);
    }
  }

  @Override
  public Node root() {
    return root;
  }

  @Override
  public TreeSpace space() throws IOException {
    return changed.space();
  }

  @Override
  public void close() {
    // The files are somebody else's.
  }
}
