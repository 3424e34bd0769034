package io.lamina.layer.union;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lamina.fs.Attributes;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Directories laid over each other and shown as one.
 *
 * <p>What has been merged is kept, in bounds, and what is changed through the union is changed
 * there too; nobody else may change a branch meanwhile.
 *
 * <p>Safe for use by many threads. One lock, shared by who looks up and lists, alone for who
 * changes names.
 */
public final class UnionTree implements FileTree {
  /** Most branches of one union, as aufs has it. */
  public static final int MAX_BRANCHES = 128;

  /** Entries of directories that are kept merged, all together. */
  private static final long KEPT_ENTRIES = 400_000;

  /** A larger directory counts as this many, so that one at least is always kept. */
  private static final int MOST_WEIGHT = 100_000;

  /** Two branches may use the same numbers. */
  private static final int BRANCH_SHIFT = 48;

  private final List<Branch> branches;
  private final RuleSet rules;
  private final Merge merge;
  private final UnionDirectory root;
  private final ReadWriteLock names = new ReentrantReadWriteLock();

  /** One node a file for as long as somebody has it. */
  private final Cache<Object, UnionNode> nodes = Caffeine.newBuilder().weakValues().build();

  private final Cache<UnionDirectory, MergedEntries> entries =
      Caffeine.newBuilder()
          .maximumWeight(KEPT_ENTRIES)
          .weigher(
              (UnionDirectory directory, MergedEntries merged) ->
                  Math.min(merged.count(), MOST_WEIGHT) + 1)
          .build();

  private UnionTree(List<Branch> branches, RuleSet rules) throws IOException {
    this.branches = branches;
    this.rules = rules;
    this.merge = new Merge(branches, rules);
    List<BranchNode> roots = new ArrayList<>();
    for (int branchNr = 0; branchNr < branches.size(); branchNr++) {
      roots.add(new BranchNode(branchNr, branches.get(branchNr).root()));
    }
    Attributes top = roots.get(0).node().attributes();
    this.root = new UnionDirectory(this, inodeNr(0, top.inodeNr()), roots);
  }

  /**
   * A union of directories.
   *
   * @param branches topmost first; the union closes none of them
   */
  public static UnionTree of(List<Branch> branches, UnionRules rules) throws IOException {
    if (branches.isEmpty() || branches.size() > MAX_BRANCHES) {
      throw new IllegalArgumentException("a union has 1 to " + MAX_BRANCHES + " branches");
    }
    return new UnionTree(List.copyOf(branches), rules.rules());
  }

  @Override
  public Node root() {
    return root;
  }

  /** Of the first branch: what is written goes there. */
  @Override
  public TreeSpace space() throws IOException {
    Branch first = branches.get(0);
    TreeSpace space = first.tree().space(first.root());
    return new TreeSpace(
        space.blockBytes(),
        space.blockCount(),
        space.freeBlockCount(),
        space.availableBlockCount(),
        space.fileCount(),
        space.freeFileCount(),
        rules.nameMaxBytes(space.nameMaxBytes()));
  }

  /** Leaves the branches open: they are whose who made the union. */
  @Override
  public void close() {
    entries.invalidateAll();
  }

  RuleSet rules() {
    return rules;
  }

  Merge merge() {
    return merge;
  }

  Lock readLock() {
    return names.readLock();
  }

  Cache<UnionDirectory, MergedEntries> entries() {
    return entries;
  }

  /** The number that the union shows of a branch's file. */
  long inodeNr(int branchNr, long branchInodeNr) {
    return (long) branchNr << BRANCH_SHIFT ^ branchInodeNr;
  }

  /** The node of what was found. */
  UnionNode node(UnionDirectory directory, Name name, Merged merged) {
    BranchNode top = merged.top();
    return nodes.get(
        rules.keepsHardLinks() || top.branchNr() == 0 ? top : new Place(directory, name, top),
        key -> {
          long inodeNr = inodeNr(top.branchNr(), merged.branchInodeNr());
          return merged.type() == FileType.DIRECTORY
              ? new UnionDirectory(this, inodeNr, merged.stack())
              : new UnionFile(this, merged.type(), inodeNr, top);
        });
  }

  /** A file that is another one under each of its names. */
  private record Place(UnionDirectory directory, Name name, BranchNode file) {}
}
