package io.lamina.mount;

import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of a volume, which knows its volume, and is numbered as the mount numbers it. */
final class VolumeNode implements Node {
  private final VolumeDirectory volume;
  private final Node node;

  VolumeNode(VolumeDirectory volume, Node node) {
    this.volume = volume;
    this.node = node;
  }

  VolumeDirectory volume() {
    return volume;
  }

  @Override
  public Attributes attributes() throws IOException {
    Attributes own = node.attributes();
    long base = volume.inodeBase();
    return base == 0 ? own : renumbered(own, base + own.inodeNr());
  }

  private static Attributes renumbered(Attributes a, long inodeNr) {
    return new Attributes(
        inodeNr,
        a.type(),
        a.permissions(),
        a.linkCount(),
        a.userId(),
        a.groupId(),
        a.size(),
        a.sectorCount(),
        a.deviceMajor(),
        a.deviceMinor(),
        a.accessTime(),
        a.modificationTime(),
        a.changeTime());
  }

  @Override
  public @Nullable Node child(Name name) throws IOException {
    return wrapped(node.child(name));
  }

  @Override
  public @Nullable Node listedChild(Name name, long inodeNr) throws IOException {
    return wrapped(node.listedChild(name, inodeNr - volume.inodeBase()));
  }

  private @Nullable Node wrapped(@Nullable Node child) {
    return child == null ? null : new VolumeNode(volume, child);
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    long base = volume.inodeBase();
    node.list(
        cookie, (name, nr, type, nextCookie) -> visitor.entry(name, base + nr, type, nextCookie));
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

  @Override
  public boolean isVolatile() {
    return node.isVolatile();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VolumeNode that && volume == that.volume && node.equals(that.node);
  }

  @Override
  public int hashCode() {
    return volume.volume().id() * 31 + node.hashCode();
  }

  @Override
  public String toString() {
    return "volume " + volume.volume().name() + ": " + node;
  }
}
