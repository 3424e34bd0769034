package io.lamina.mount;

import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.NodeKey;
import io.lamina.fs.NodeSource;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file that is shown to be looked at only. */
final class LookedAtNode implements Node {
  private final Node node;
  private final Place place;

  /**
   * One that has a first place: what is changed there is seen here at once.
   *
   * @param node as it is there
   */
  LookedAtNode(Node node) {
    this(node, Place.SECOND);
  }

  private LookedAtNode(Node node, Place place) {
    this.node = node;
    this.place = place;
  }

  /**
   * One that nobody changes.
   *
   * @param inodeBase added to its number, and to those of all that is below it
   */
  static LookedAtNode numbered(Node node, long inodeBase) {
    return new LookedAtNode(node, new Place(inodeBase, false));
  }

  /** What all files that are shown in one place have in common. */
  private static final class Place {
    static final Place SECOND = new Place(0, true);

    final long inodeBase;
    final boolean isVolatile;
    private volatile @Nullable NodeSource source;

    Place(long inodeBase, boolean isVolatile) {
      this.inodeBase = inodeBase;
      this.isVolatile = isVolatile;
    }

    /** Makes nodes here anew, from what makes those of the tree that is shown. */
    NodeSource source(NodeSource ofTree) {
      NodeSource known = source;
      return known != null ? known : firstSource(ofTree);
    }

    /** All nodes have the same. */
    private synchronized NodeSource firstSource(NodeSource ofTree) {
      NodeSource known = source;
      if (known == null) {
        known = (number, generation) -> new LookedAtNode(ofTree.node(number, generation), this);
        source = known;
      }
      return known;
    }
  }

  @Override
  public Attributes attributes() throws IOException {
    Attributes own = node.attributes();
    return own.withInodeNr(place.inodeBase + own.inodeNr());
  }

  @Override
  public @Nullable Node child(Name name) throws IOException {
    return wrapped(node.child(name));
  }

  @Override
  public long removalCount() {
    return node.removalCount();
  }

  @Override
  public @Nullable Node listedChild(Name name, long inodeNr, long removalCount) throws IOException {
    return wrapped(node.listedChild(name, inodeNr - place.inodeBase, removalCount));
  }

  private @Nullable Node wrapped(@Nullable Node child) {
    return child == null ? null : new LookedAtNode(child, place);
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    node.list(
        cookie,
        (name, inodeNr, type, next) -> visitor.entry(name, place.inodeBase + inodeNr, type, next));
  }

  @Override
  public OpenFile open() throws IOException {
    return node.open();
  }

  @Override
  public Name readLink() throws IOException {
    return node.readLink();
  }

  @Override
  public List<Name> xattrNames() throws IOException {
    return node.xattrNames();
  }

  @Override
  public byte @Nullable [] xattr(Name name) throws IOException {
    return node.xattr(name);
  }

  @Override
  public int flags() throws IOException {
    return node.flags();
  }

  @Override
  public boolean hasCostlyChildren() {
    return node.hasCostlyChildren();
  }

  /** What has a first place changes without the kernel having changed it here. */
  @Override
  public boolean isVolatile() {
    return place.isVolatile;
  }

  @Override
  public @Nullable NodeKey nodeKey() {
    NodeKey own = place.isVolatile ? null : node.nodeKey();
    return own == null
        ? null
        : new NodeKey(place.source(own.source()), own.number(), own.generation());
  }

  @Override
  public Hold hold() throws IOException {
    return node.hold();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LookedAtNode that && place == that.place && node.equals(that.node);
  }

  @Override
  public int hashCode() {
    return ~node.hashCode();
  }

  @Override
  public String toString() {
    return node.toString();
  }
}
