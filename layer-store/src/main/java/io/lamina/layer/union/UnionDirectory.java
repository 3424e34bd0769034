package io.lamina.layer.union;

import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** A directory of a union: those of several branches, shown as one. */
final class UnionDirectory extends UnionNode {
  private volatile List<BranchNode> stack;

  UnionDirectory(UnionTree tree, long inodeNr, List<BranchNode> stack) {
    super(tree, FileType.DIRECTORY, inodeNr);
    this.stack = List.copyOf(stack);
  }

  @Override
  BranchNode top() {
    return stack.get(0);
  }

  List<BranchNode> stack() {
    return stack;
  }

  /** As aufs counts: the subdirectories of all branches, also where some are the same. */
  @Override
  public Attributes attributes() throws IOException {
    List<BranchNode> directories = stack;
    Attributes attributes = directories.get(0).node().attributes();
    int linkCount = attributes.linkCount();
    for (BranchNode below : directories.subList(1, directories.size())) {
      linkCount += Math.max(0, below.node().attributes().linkCount() - 2);
    }
    return shown(attributes, linkCount);
  }

  @Override
  public @Nullable UnionNode child(Name name) throws IOException {
    tree().rules().check(name);
    Lock lock = tree().readLock();
    lock.lock();
    try {
      return look(name);
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #child}, for who has the tree's lock. */
  @Nullable UnionNode look(Name name) throws IOException {
    Merged merged = find(name);
    return merged == null ? null : tree().node(this, name, merged);
  }

  private @Nullable Merged find(Name name) throws IOException {
    List<BranchNode> directories = stack;
    Merge merge = tree().merge();
    if (directories.size() == 1) {
      return merge.find(directories, name);
    }
    MergedEntries entries = entries();
    if (entries.isUnclear(name)) {
      throw new FsException(Errno.EIO, "whiteout of " + name + " is no regular file");
    }
    MergedEntries.Entry entry = entries.get(name);
    if (entry == null) {
      return null;
    }
    return merge.tellsEnough(entry)
        ? merge.find(directories, entry)
        : merge.find(directories, name);
  }

  /** All entries, as one listing found them and as they were changed since. */
  MergedEntries entries() throws IOException {
    MergedEntries known = tree().entries().getIfPresent(this);
    if (known == null) {
      known = tree().merge().all(stack, tree()::inodeNr);
      tree().entries().put(this, known);
    }
    return known;
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    MergedEntries entries;
    Lock lock = tree().readLock();
    lock.lock();
    try {
      entries = entries();
    } finally {
      lock.unlock();
    }
    entries.list(cookie, visitor);
  }

  @Override
  public OpenFile open() throws IOException {
    throw new FsException(Errno.EISDIR, "a directory");
  }
}
