package io.lamina.layer.union;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

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

  /** Merged directories that are kept, those of all unions together: 300,000 entries, say. */
  private static final long KEPT_BYTES = 24 << 20;

  /** A larger directory counts as this many, so that one at least is always kept. */
  private static final long MOST_WEIGHT = 12 << 20;

  /** Some 100 bytes each. */
  private static final long KEPT_NUMBERS = 200_000;

  /** Two branches may use the same numbers; few file systems have longer ones. */
  private static final int BRANCH_SHIFT = 37;

  /**
   * One for the process, so that a hundred unions take no more than one. It keeps no directory, and
   * so no union, in memory that nobody else has.
   */
  private static final Cache<UnionDirectory, MergedEntries> ENTRIES =
      Caffeine.newBuilder()
          .weakKeys()
          .maximumWeight(KEPT_BYTES)
          .executor(Runnable::run)
          .weigher(
              (UnionDirectory directory, MergedEntries merged) ->
                  (int) Math.min(merged.byteCount(), MOST_WEIGHT))
          .build();

  private final List<Branch> branches;
  private final RuleSet rules;
  private final Merge merge;
  private final UnionDirectory root;
  private final ReentrantReadWriteLock names = new ReentrantReadWriteLock();

  /** One node a file for as long as somebody has it. */
  private final Cache<Object, UnionNode> nodes =
      Caffeine.newBuilder().weakValues().executor(Runnable::run).build();

  /** Files that were copied up, or lost a name, and have more names below. */
  private final Map<BranchNode, UnionFile> pseudoLinks = new ConcurrentHashMap<>();

  /**
   * The numbers that copies had before they were copied up, by their own; the oldest are forgotten.
   */
  private final Cache<Long, Long> numbers;

  /** Added to all numbers that are shown. */
  private volatile long inodeBase;

  private final @Nullable UnionChanges changes;

  private UnionTree(
      List<Branch> branches, RuleSet rules, @Nullable Upper upper, long mostKeptNumbers)
      throws IOException {
    this.numbers =
        Caffeine.newBuilder().maximumSize(mostKeptNumbers).executor(Runnable::run).build();
    this.branches = branches;
    this.rules = rules;
    this.merge = new Merge(branches, rules);
    List<BranchNode> roots = new ArrayList<>();
    for (int branchNr = 0; branchNr < branches.size(); branchNr++) {
      roots.add(new BranchNode(branchNr, branches.get(branchNr).root()));
    }
    Attributes top = roots.get(0).node().attributes();
    this.root = new UnionDirectory(this, null, Name.ofLatin1(""), inodeNr(0, top.inodeNr()), roots);
    this.changes = upper == null ? null : new UnionChanges(this, upper);
  }

  /**
   * A union of directories.
   *
   * @param branches topmost first; the union closes none of them. The first may be writable, by
   *     aufs' rules; it gets there what aufs needs
   */
  public static UnionTree of(List<Branch> branches, UnionRules rules) throws IOException {
    return of(branches, rules, KEPT_NUMBERS);
  }

  /** The same, that remembers no more than so many numbers of files that it copied up. */
  static UnionTree of(List<Branch> branches, UnionRules rules, long mostKeptNumbers)
      throws IOException {
    check(branches);
    Branch first = branches.get(0);
    Upper upper = null;
    if (first.isWritable()) {
      if (rules != UnionRules.AUFS) {
        throw new IllegalArgumentException("a writable overlay needs a work directory");
      }
      upper = new AufsUpper(first.root());
    }
    return new UnionTree(List.copyOf(branches), rules.rules(), upper, mostKeptNumbers);
  }

  /**
   * A union of directories by overlay's rules, that can be changed.
   *
   * @param branches topmost first, the first writable; the union closes none of them
   * @param workDirectory of the same tree as the first branch, and of no use to anybody else
   */
  public static UnionTree ofOverlay(List<Branch> branches, Node workDirectory, UnionRules rules)
      throws IOException {
    check(branches);
    if (!(rules.rules() instanceof OverlayRules overlay) || !branches.get(0).isWritable()) {
      throw new IllegalArgumentException("no writable overlay");
    }
    Upper upper = new OverlayUpper(branches.get(0).root(), workDirectory, overlay);
    return new UnionTree(List.copyOf(branches), overlay, upper, KEPT_NUMBERS);
  }

  private static void check(List<Branch> branches) {
    if (branches.isEmpty() || branches.size() > MAX_BRANCHES) {
      throw new IllegalArgumentException("a union has 1 to " + MAX_BRANCHES + " branches");
    }
    if (branches.stream().skip(1).anyMatch(Branch::isWritable)) {
      throw new IllegalArgumentException("only the first branch can be writable");
    }
  }

  /**
   * Tells the files of this union from those of others beside it.
   *
   * @param newBase added from now on to all inode numbers, which take 44 bits of their own
   */
  public void numberFrom(long newBase) {
    inodeBase = newBase;
  }

  long shownNr(long inodeNr) {
    return inodeBase + inodeNr;
  }

  /** The union that a node is of; null for another tree's node. */
  public static @Nullable UnionTree of(Node node) {
    return node instanceof UnionNode own ? own.tree() : null;
  }

  @Override
  public boolean isWritable() {
    return changes != null;
  }

  @Override
  public void sync() throws IOException {
    if (changes != null) {
      branches.get(0).tree().sync();
    }
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
    ENTRIES.asMap().keySet().removeIf(directory -> directory.tree() == this);
  }

  RuleSet rules() {
    return rules;
  }

  Merge merge() {
    return merge;
  }

  /** Shared by who looks up and lists, alone for who changes names. */
  ReentrantReadWriteLock names() {
    return names;
  }

  Lock readLock() {
    return names.readLock();
  }

  Cache<UnionDirectory, MergedEntries> entries() {
    return ENTRIES;
  }

  Lock writeLock() {
    return names.writeLock();
  }

  Branch branch(int branchNr) {
    return branches.get(branchNr);
  }

  /** Whether a branch's file lies where it can be changed. */
  boolean isUpper(BranchNode node) {
    return node.branchNr() == 0 && changes != null;
  }

  /**
   * Who changes names.
   *
   * @throws FsException EROFS where nobody may
   */
  UnionChanges changes() throws FsException {
    if (changes == null) {
      throw new FsException(Errno.EROFS, "no branch is writable");
    }
    return changes;
  }

  /** Refuses an extended attribute that only the union itself sets, and any where nobody may. */
  void checkXattr(Name name) throws FsException {
    var unused = changes();
    if (rules.isPrivate(name)) {
      throw new FsException(Errno.EPERM, name.toString());
    }
  }

  /** The number that the union shows of a branch's file. */
  long inodeNr(int branchNr, long branchInodeNr) {
    Long before = branchNr == 0 ? numbers.getIfPresent(branchInodeNr) : null;
    return before != null ? before : (long) branchNr << BRANCH_SHIFT ^ branchInodeNr;
  }

  /** A copy in the upper branch keeps the number that was shown. */
  void renumber(long upperInodeNr, UnionNode node) {
    numbers.put(upperInodeNr, node.inodeNr());
  }

  /** A number of the upper branch belongs to another file now. */
  void forgetNumber(long upperInodeNr) {
    numbers.invalidate(upperInodeNr);
  }

  /** A copied file stays the one file of all the names it has below. */
  void keep(BranchNode lower, UnionFile file) {
    pseudoLinks.put(lower, file);
    file.setKeptFor(lower);
  }

  /** No name below leads to a copied file any more. */
  void letGo(UnionFile file) {
    BranchNode lower = file.keptFor();
    if (lower != null) {
      pseudoLinks.remove(lower, file);
    }
  }

  /** How many files are kept because they have more names below. */
  int keptFileCount() {
    return pseudoLinks.size();
  }

  /** How many numbers of copies are remembered. */
  long keptNumberCount() {
    numbers.cleanUp();
    return numbers.estimatedSize();
  }

  /** What shows now of a node leads to it. */
  void remember(UnionNode node) {
    nodes.put(node.top(), node);
  }

  void forget(UnionNode node) {
    nodes.asMap().remove(node.top(), node);
  }

  /** The node of a file without a name. */
  UnionFile unnamed(BranchNode file, Attributes attributes) {
    UnionFile node = new UnionFile(this, attributes.type(), attributes.inodeNr(), file);
    nodes.put(file, node);
    return node;
  }

  /** The node of what was found. */
  UnionNode node(UnionDirectory directory, Name name, Merged merged) {
    BranchNode top = merged.top();
    UnionNode node = pseudoLinks.get(top);
    if (node == null) {
      boolean isOne = rules.keepsHardLinks() || top.branchNr() == 0;
      Object key = isOne ? top : new Place(directory, name, top);
      node = nodes.get(key, k -> newNode(directory, name, merged));
    }
    if (node instanceof UnionFile file) {
      file.addPlace(directory, name);
    }
    return node;
  }

  private UnionNode newNode(UnionDirectory directory, Name name, Merged merged) {
    BranchNode top = merged.top();
    long inodeNr = inodeNr(top.branchNr(), merged.branchInodeNr());
    return merged.type() == FileType.DIRECTORY
        ? new UnionDirectory(this, directory, name, inodeNr, merged.stack())
        : new UnionFile(this, merged.type(), inodeNr, top);
  }

  /** A file that is another one under each of its names. */
  private record Place(UnionDirectory directory, Name name, BranchNode file) {}
}
