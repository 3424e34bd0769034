package io.lamina.layer.union;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of a union that is no directory: one branch's, and when it is first changed the upper
 * branch's.
 *
 * <p>Locks, in this order: copying → the tree's names → this.
 */
final class UnionFile extends UnionNode {
  /** Of links: as many as the branch's file has. */
  static final int UNKNOWN = -1;

  private final Object copying = new Object();
  private final List<Place> places = new ArrayList<>(1);
  private volatile BranchNode current;

  /** A lower branch's file with the content, where that of {@code current} has only attributes. */
  private volatile @Nullable Node content;

  /** Whether it is known where the content is. */
  private volatile boolean isContentFound;

  private final BranchHold branchHold = new BranchHold();
  private int namesLost;
  private boolean gone;

  /** Of a pseudo-link: the links that the union shows; the upper branch has others. */
  private int shownLinks = UNKNOWN;

  /** What it was in a lower branch, where it has, or had, more names. */
  private volatile @Nullable BranchNode keptFor;

  /** A pseudo-link has a name that the upper branch does not know of. */
  private boolean mayBeUnnamed;

  UnionFile(UnionTree tree, FileType type, long inodeNr, BranchNode current) {
    super(tree, type, inodeNr);
    this.current = current;
  }

  /** One of its names. */
  record Place(UnionDirectory directory, Name name) {}

  @Override
  BranchNode top() {
    return current;
  }

  @Override
  List<Integer> branchNrs() {
    return List.of(current.branchNr());
  }

  void setKeptFor(BranchNode lower) {
    keptFor = lower;
  }

  @Nullable BranchNode keptFor() {
    return keptFor;
  }

  /** Whether the upper branch has it, with its content as far as that was looked for. */
  boolean isUpper() {
    return content == null && tree().isUpper(current);
  }

  /** The branch's file that has the content. */
  Node content() {
    Node elsewhere = content;
    return elsewhere == null ? current.node() : elsewhere;
  }

  /**
   * Finds out where the content is: of overlay's, a branch may have only a file's attributes.
   *
   * @throws FsException EIO when no branch has it
   */
  void findContent() throws IOException {
    if (isContentFound || type() != FileType.REGULAR) {
      return;
    }
    BranchNode now = current;
    if (tree().rules().isMetadataOnly(now.node())) {
      Node found = contentBelow(now);
      if (!current.equals(now)) {
        return; // it was copied up meanwhile, and may have another name since
      }
      if (found == null) {
        throw new FsException(Errno.EIO, "no branch below has its content");
      }
      synchronized (this) {
        content = current.equals(now) ? found : content;
      }
    }
    isContentFound = true;
  }

  private @Nullable Node contentBelow(BranchNode metadata) throws IOException {
    List<Place> known = places();
    if (known.isEmpty()) {
      return null;
    }
    Place place = known.get(0);
    List<BranchNode> below =
        place.directory().stack().stream()
            .filter(directory -> directory.branchNr() > metadata.branchNr())
            .toList();
    return tree().merge().content(below, place.name(), metadata);
  }

  synchronized void addPlace(UnionDirectory directory, Name name) {
    Place place = new Place(directory, name);
    if (!places.contains(place)) {
      places.add(place);
      mayBeUnnamed = true;
    }
  }

  /** The upper branch knows all the names. */
  synchronized void setNamed() {
    mayBeUnnamed = false;
  }

  synchronized void removePlace(UnionDirectory directory, Name name) {
    places.remove(new Place(directory, name));
  }

  synchronized List<Place> places() {
    return List.copyOf(places);
  }

  /** One name less, for good. */
  synchronized void nameLost(UnionDirectory directory, Name name, int linkCount) {
    removePlace(directory, name);
    namesLost++;
    if (shownLinks > 0) {
      shownLinks--;
      gone = shownLinks == 0;
    } else if (!isUpper()) {
      gone = namesLost >= linkCount;
    } else {
      gone = linkCount <= 1;
    }
  }

  synchronized void nameGained(UnionDirectory directory, Name name) {
    addPlace(directory, name);
    gone = false;
    if (shownLinks != UNKNOWN) {
      shownLinks++;
    }
  }

  synchronized boolean isGone() {
    return gone;
  }

  private synchronized boolean mayBeUnnamed() {
    return shownLinks != UNKNOWN && mayBeUnnamed;
  }

  /**
   * What follows is the upper branch's file.
   *
   * @param lowerLinks of a file that has other names below: how many it has; else UNKNOWN
   */
  synchronized void movedUp(BranchNode upper, int lowerLinks) throws IOException {
    branchHold.move(upper.node());
    current = upper;
    content = null;
    isContentFound = true;
    shownLinks = lowerLinks == UNKNOWN ? UNKNOWN : lowerLinks - namesLost;
  }

  private BranchNode alive() throws IOException {
    synchronized (this) {
      if (gone && !branchHold.isTaken()) {
        throw stale();
      }
    }
    return current;
  }

  @Override
  public Attributes attributes() throws IOException {
    Attributes attributes = alive().node().attributes();
    synchronized (this) {
      if (gone) {
        return shown(attributes, 0);
      }
      int links = isUpper() ? attributes.linkCount() : attributes.linkCount() - namesLost;
      return shown(attributes, shownLinks == UNKNOWN ? links : shownLinks);
    }
  }

  @Override
  public @Nullable Node child(Name name) throws IOException {
    throw new FsException(Errno.ENOTDIR, "no directory");
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    throw new FsException(Errno.ENOTDIR, "no directory");
  }

  @Override
  public OpenFile open() throws IOException {
    return open(false);
  }

  @Override
  public WritableFile openForWriting() throws IOException {
    tree().changes();
    return open(true);
  }

  private UnionOpenFile open(boolean writable) throws IOException {
    alive();
    if (type() != FileType.REGULAR) {
      throw new FsException(Errno.EINVAL, "no regular file");
    }
    findContent();
    nameAllInUpper();
    return new UnionOpenFile(this, writable);
  }

  @Override
  public synchronized Hold hold() throws IOException {
    return branchHold.take(current.node());
  }

  /** Has the file in the upper branch; all of it. */
  @Override
  Node makeUpper() throws IOException {
    return makeUpper(Long.MAX_VALUE);
  }

  /**
   * Has the file in the upper branch.
   *
   * @param sizeLimit how much of its content is wanted
   */
  Node makeUpper(long sizeLimit) throws IOException {
    return makeUpper(sizeLimit, false);
  }

  /** Has it there as a file that will have more names than below. */
  void makeUpperForLink() throws IOException {
    makeUpper(Long.MAX_VALUE, true);
  }

  private Node makeUpper(long sizeLimit, boolean forLink) throws IOException {
    alive();
    findContent();
    if (!isUpper()) {
      UnionChanges changes = tree().changes();
      synchronized (copying) {
        if (!isUpper()) {
          changes.copyUp(this, sizeLimit, forLink);
        }
      }
    }
    nameAllInUpper();
    return current.node();
  }

  /**
   * A pseudo-link gets in the upper branch all the names it is known by: the file is told of, not
   * the name that it was opened by.
   */
  private void nameAllInUpper() throws IOException {
    if (mayBeUnnamed() && tree().isWritable()) {
      tree().changes().nameInUpper(this);
    }
  }

  @Override
  public void change(AttributeChange change) throws IOException {
    Long size = change.size();
    if (size != null && type() != FileType.REGULAR) {
      throw new FsException(Errno.EINVAL, "no regular file");
    }
    makeUpper(size == null ? Long.MAX_VALUE : size).change(change);
  }

  @Override
  public void setXattr(Name name, byte[] value, XattrMode mode) throws IOException {
    tree().checkXattr(name);
    makeUpper().setXattr(name, value, mode);
  }

  @Override
  public void sync() throws IOException {
    if (isUpper()) {
      current.node().sync();
    }
  }
}
