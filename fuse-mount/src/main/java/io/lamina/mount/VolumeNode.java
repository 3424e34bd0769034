package io.lamina.mount;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.NodeKey;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of a volume, which knows its volume, and is numbered as the mount numbers it. After the
 * volume's files were closed every call gives ESTALE.
 */
final class VolumeNode implements Node {
  private final OpenVolume volume;
  private final Node node;

  VolumeNode(OpenVolume volume, Node node) {
    this.volume = volume;
    this.node = node;
  }

  VolumeDirectory volume() {
    return volume.directory();
  }

  private long inodeBase() {
    return volume.directory().inodeBase();
  }

  @Override
  public Attributes attributes() throws IOException {
    Attributes own = volume.use(node::attributes);
    long base = inodeBase();
    return base == 0 ? own : own.withInodeNr(base + own.inodeNr());
  }

  @Override
  public @Nullable Node child(Name name) throws IOException {
    return wrapped(volume.find(() -> node.child(name)));
  }

  @Override
  public long removalCount() {
    return node.removalCount();
  }

  @Override
  public @Nullable Node listedChild(Name name, long inodeNr, long removalCount) throws IOException {
    long own = inodeNr - inodeBase();
    return wrapped(volume.find(() -> node.listedChild(name, own, removalCount)));
  }

  private @Nullable Node wrapped(@Nullable Node child) {
    return child == null ? null : new VolumeNode(volume, child);
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    long base = inodeBase();
    EntryVisitor renumbering =
        (name, nr, type, nextCookie) -> visitor.entry(name, base + nr, type, nextCookie);
    volume.change(() -> node.list(cookie, renumbering));
  }

  @Override
  public OpenFile open() throws IOException {
    return volume.opened(() -> new VolumeFile(volume, node.open()));
  }

  @Override
  public WritableFile openForWriting() throws IOException {
    return volume.opened(() -> new WritableVolumeFile(volume, node.openForWriting()));
  }

  @Override
  public Name readLink() throws IOException {
    return volume.use(node::readLink);
  }

  @Override
  public List<Name> xattrNames() throws IOException {
    return volume.use(node::xattrNames);
  }

  @Override
  public byte @Nullable [] xattr(Name name) throws IOException {
    return volume.find(() -> node.xattr(name));
  }

  @Override
  public int flags() throws IOException {
    return volume.use(node::flags);
  }

  @Override
  public int version() throws IOException {
    return volume.use(node::version);
  }

  @Override
  public int projectId() throws IOException {
    return volume.use(node::projectId);
  }

  @Override
  public boolean hasCostlyChildren() {
    return node.hasCostlyChildren();
  }

  @Override
  public boolean isVolatile() {
    return node.isVolatile();
  }

  @Override
  public @Nullable NodeKey nodeKey() {
    NodeKey own = node.nodeKey();
    return own == null
        ? null
        : new NodeKey(volume.source(own.source()), own.number(), own.generation());
  }

  @Override
  public Hold hold() throws IOException {
    return volume.hold(node);
  }

  @Override
  public Node create(Name name, NewFile file) throws IOException {
    return new VolumeNode(volume, volume.use(() -> node.create(name, file)));
  }

  @Override
  public WritableFile createUnnamed(NewFile file) throws IOException {
    return volume.opened(() -> new WritableVolumeFile(volume, node.createUnnamed(file)));
  }

  @Override
  public Node createSymlink(Name name, Name target, Owner owner) throws IOException {
    return new VolumeNode(volume, volume.use(() -> node.createSymlink(name, target, owner)));
  }

  @Override
  public void link(Name name, Node file) throws IOException {
    Node own = ofSameVolume(file);
    volume.change(() -> node.link(name, own));
  }

  @Override
  public void unlink(Name name) throws IOException {
    volume.change(() -> node.unlink(name));
  }

  @Override
  public void removeDirectory(Name name) throws IOException {
    volume.change(() -> node.removeDirectory(name));
  }

  @Override
  public void rename(Name name, Node target, Name newName, RenameMode mode) throws IOException {
    Node own = ofSameVolume(target);
    volume.change(() -> node.rename(name, own, newName, mode));
  }

  private Node ofSameVolume(Node other) throws FsException {
    if (other instanceof VolumeNode that && that.volume == volume) {
      return that.node;
    }
    throw new FsException(Errno.EXDEV, other.toString());
  }

  @Override
  public void change(AttributeChange change) throws IOException {
    volume.change(() -> node.change(change));
  }

  @Override
  public void setXattr(Name name, byte[] value, XattrMode mode) throws IOException {
    volume.change(() -> node.setXattr(name, value, mode));
  }

  @Override
  public void removeXattr(Name name) throws IOException {
    volume.change(() -> node.removeXattr(name));
  }

  @Override
  public void setFlags(int flags) throws IOException {
    volume.change(() -> node.setFlags(flags));
  }

  @Override
  public void sync() throws IOException {
    volume.change(node::sync);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VolumeNode that && volume == that.volume && node.equals(that.node);
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(volume) * 31 + node.hashCode();
  }

  @Override
  public String toString() {
    return volume.directory() + ": " + node;
  }
}
