package io.lamina.layer.union;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * A directory of a union: those of several branches, shown as one. Where it lies and of what it
 * consists changes under the tree's lock alone.
 */
final class UnionDirectory extends UnionNode {
  private final BranchHold branchHold = new BranchHold();
  private volatile List<BranchNode> stack;
  private volatile @Nullable UnionDirectory parent;
  private volatile Name name;
  private volatile boolean gone;

  UnionDirectory(
      UnionTree tree,
      @Nullable UnionDirectory parent,
      Name name,
      long inodeNr,
      List<BranchNode> stack) {
    super(tree, FileType.DIRECTORY, inodeNr);
    this.parent = parent;
    this.name = name;
    this.stack = List.copyOf(stack);
  }

  @Override
  BranchNode top() {
    return stack.get(0);
  }

  @Override
  List<Integer> branchNrs() {
    return stack.stream().map(BranchNode::branchNr).toList();
  }

  /** The directories that are shown as this one, topmost first. */
  List<BranchNode> stack() {
    return stack;
  }

  /** Where it lies; null for the root. */
  @Nullable UnionDirectory parent() {
    return parent;
  }

  Name name() {
    return name;
  }

  /** The directories of the branches that nothing is written to. */
  List<BranchNode> lowerStack() {
    List<BranchNode> all = stack;
    return tree().isUpper(all.get(0)) ? all.subList(1, all.size()) : all;
  }

  boolean isWithin(UnionDirectory other) {
    for (UnionDirectory at = this; at != null; at = at.parent) {
      if (at == other) {
        return true;
      }
    }
    return false;
  }

  /** It has got one more directory, of the upper branch. */
  synchronized void movedUp(BranchNode upper) throws IOException {
    branchHold.move(upper.node());
    List<BranchNode> more = new ArrayList<>();
    more.add(upper);
    more.addAll(stack);
    stack = List.copyOf(more);
  }

  /** What lay below stays behind. */
  void movedTo(UnionDirectory newParent, Name newName) {
    parent = newParent;
    name = newName;
    stack = List.of(stack.get(0));
  }

  void setGone() {
    gone = true;
  }

  /** Refuses what cannot be done in a directory that has been removed. */
  void requireAlive() throws FsException {
    if (gone) {
      throw new FsException(branchHold.isTaken() ? Errno.ENOENT : Errno.ESTALE, name.toString());
    }
  }

  /** As aufs counts: the subdirectories of all branches, also where some are the same. */
  @Override
  public Attributes attributes() throws IOException {
    List<BranchNode> directories = stack;
    Attributes attributes = directories.get(0).node().attributes();
    if (gone) {
      return shown(attributes, 0);
    }
    int linkCount = attributes.linkCount();
    for (BranchNode below : directories.subList(1, directories.size())) {
      linkCount += Math.max(0, below.node().attributes().linkCount() - 2);
    }
    return shown(attributes, linkCount);
  }

  @Override
  public @Nullable UnionNode child(Name child) throws IOException {
    tree().rules().check(child);
    Lock lock = tree().readLock();
    lock.lock();
    try {
      requireAlive();
      return look(child);
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #child}, for who has the tree's lock. */
  @Nullable UnionNode look(Name child) throws IOException {
    Merged merged = find(child);
    return merged == null ? null : tree().node(this, child, merged);
  }

  private @Nullable Merged find(Name child) throws IOException {
    List<BranchNode> directories = stack;
    Merge merge = tree().merge();
    MergedEntries entries = directories.size() > 1 ? entries() : knownEntries();
    if (entries == null) {
      return merge.find(directories, child);
    }
    if (entries.isUnclear(child)) {
      throw new FsException(Errno.EIO, "whiteout of " + child + " is no regular file");
    }
    MergedEntries.Entry entry = entries.get(child);
    if (entry == null) {
      return null;
    }
    return merge.tellsEnough(entry)
        ? merge.find(directories, entries, entry)
        : merge.find(directories, child);
  }

  /** All entries, as one listing found them and as they were changed since. */
  MergedEntries entries() throws IOException {
    MergedEntries known = knownEntries();
    if (known == null) {
      known = tree().merge().all(stack, tree()::inodeNr);
      tree().entries().put(this, known);
    }
    return known;
  }

  private @Nullable MergedEntries knownEntries() {
    return tree().entries().getIfPresent(this);
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    MergedEntries entries;
    Lock lock = tree().readLock();
    lock.lock();
    try {
      requireAlive();
      entries = entries();
    } finally {
      lock.unlock();
    }
    UnionTree shown = tree();
    entries.list(
        cookie,
        (entry, inodeNr, type, next) -> visitor.entry(entry, shown.shownNr(inodeNr), type, next));
  }

  @Override
  public OpenFile open() throws IOException {
    throw new FsException(Errno.EISDIR, "a directory");
  }

  @Override
  public WritableFile openForWriting() throws IOException {
    throw new FsException(Errno.EISDIR, "a directory");
  }

  @Override
  public synchronized Hold hold() throws IOException {
    return branchHold.take(top().node());
  }

  @Override
  public Node create(Name child, NewFile file) throws IOException {
    requireFree(child);
    return tree()
        .changes()
        .create(
            this, child, (where, as) -> where.create(as, file), file.type() == FileType.DIRECTORY);
  }

  @Override
  public Node createSymlink(Name child, Name target, Owner owner) throws IOException {
    requireFree(child);
    return tree()
        .changes()
        .create(this, child, (where, as) -> where.createSymlink(as, target, owner), false);
  }

  @Override
  public WritableFile createUnnamed(NewFile file) throws IOException {
    return tree().changes().createUnnamed(this, file);
  }

  @Override
  public void link(Name child, Node file) throws IOException {
    requireFree(child);
    if (!(file instanceof UnionNode node) || node.tree() != tree()) {
      throw new FsException(Errno.EXDEV, "a file of another tree");
    }
    if (!(node instanceof UnionFile linked)) {
      throw new FsException(Errno.EPERM, "hard link of a directory");
    }
    tree().changes().link(this, child, linked);
  }

  /** A name that is taken is told of even where nothing can be made. */
  private void requireFree(Name child) throws IOException {
    if (child(child) != null) {
      throw new FsException(Errno.EEXIST, child.toString());
    }
  }

  @Override
  public void unlink(Name child) throws IOException {
    requireThere(child);
    tree().changes().unlink(this, child);
  }

  @Override
  public void removeDirectory(Name child) throws IOException {
    requireThere(child);
    tree().changes().removeDirectory(this, child);
  }

  @Override
  public void rename(Name child, Node target, Name newName, RenameMode mode) throws IOException {
    tree().rules().check(newName);
    requireThere(child);
    if (!(target instanceof UnionNode node) || node.tree() != tree()) {
      throw new FsException(Errno.EXDEV, "a directory of another tree");
    }
    if (!(node instanceof UnionDirectory directory)) {
      throw new FsException(Errno.ENOTDIR, "no directory");
    }
    tree().changes().rename(this, child, directory, newName, mode);
  }

  /** A name that is missing is told of even where nothing can be removed. */
  private void requireThere(Name child) throws IOException {
    if (child(child) == null) {
      throw new FsException(Errno.ENOENT, child.toString());
    }
  }

  @Override
  Node makeUpper() throws IOException {
    return tree().changes().directoryInUpper(this);
  }

  @Override
  public void change(AttributeChange change) throws IOException {
    if (change.size() != null) {
      throw new FsException(Errno.EISDIR, "a directory");
    }
    makeUpper().change(change);
  }

  @Override
  public void setXattr(Name attribute, byte[] value, XattrMode mode) throws IOException {
    tree().checkXattr(attribute);
    makeUpper().setXattr(attribute, value, mode);
  }

  @Override
  public void sync() throws IOException {
    if (tree().isUpper(top())) {
      top().node().sync();
    }
  }
}
