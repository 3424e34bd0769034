package io.lamina.layer.change;

import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A directory of a {@link DiffTree}: the real one's attributes, and only what changed in it. */
final class DiffDirectory implements Node {
  private final Node real;
  private final Map<Name, Node> entries = new LinkedHashMap<>();

  DiffDirectory(Node real) {
    this.real = real;
  }

  Node real() {
    return real;
  }

  void add(Name name, Node node) {
    entries.put(name, node);
  }

  /** The directory of that name in it, which stands there from now on. */
  DiffDirectory directory(Name name) throws IOException {
    if (entries.get(name) instanceof DiffDirectory known) {
      return known;
    }
    @Nullable Node below = real.child(name);
    if (below == null) {
      throw new FsException(Errno.ENOENT, name.toString());
    }
    DiffDirectory added = new DiffDirectory(below);
    entries.put(name, added);
    return added;
  }

  @Override
  public Attributes attributes() throws IOException {
    return real.attributes();
  }

  @Override
  public @Nullable Node child(Name name) {
    return entries.get(name);
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    List<Map.Entry<Name, Node>> all = new ArrayList<>(entries.entrySet());
    for (int i = (int) Math.min(Math.max(cookie, 0), all.size()); i < all.size(); i++) {
      Attributes attributes = all.get(i).getValue().attributes();
      Name name = all.get(i).getKey();
      if (!visitor.entry(name, attributes.inodeNr(), attributes.type(), i + 1L)) {
        return;
      }
    }
  }

  @Override
  public OpenFile open() throws IOException {
    return real.open();
  }

  @Override
  public Name readLink() throws IOException {
    return real.readLink();
  }

  @Override
  public List<Name> xattrNames() throws IOException {
    return real.xattrNames();
  }

  @Override
  public byte @Nullable [] xattr(Name name) throws IOException {
    return real.xattr(name);
  }

  @Override
  public int flags() throws IOException {
    return real.flags();
  }

  @Override
  public String toString() {
    return "changes of " + real;
  }
}
