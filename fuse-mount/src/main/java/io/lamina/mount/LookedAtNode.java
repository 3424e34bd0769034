package io.lamina.mount;

import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file that is shown in a second place, to be looked at only: what is changed in its first place
 * is seen here at once.
 */
final class LookedAtNode implements Node {
  private final Node node;

  LookedAtNode(Node node) {
    this.node = node;
  }

  @Override
  public Attributes attributes() throws IOException {
    return node.attributes();
  }

  @Override
  public @Nullable Node child(Name name) throws IOException {
    return wrapped(node.child(name));
  }

  @Override
  public @Nullable Node listedChild(Name name, long inodeNr) throws IOException {
    return wrapped(node.listedChild(name, inodeNr));
  }

  private static @Nullable Node wrapped(@Nullable Node child) {
    return child == null ? null : new LookedAtNode(child);
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    node.list(cookie, visitor);
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

  /** It changes without the kernel having changed it here. */
  @Override
  public boolean isVolatile() {
    return true;
  }

  @Override
  public Hold hold() throws IOException {
    return node.hold();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LookedAtNode that && node.equals(that.node);
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
