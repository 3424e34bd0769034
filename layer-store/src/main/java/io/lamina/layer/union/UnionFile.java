package io.lamina.layer.union;

import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file of a union that is no directory: one branch's. */
final class UnionFile extends UnionNode {
  private volatile BranchNode current;

  UnionFile(UnionTree tree, FileType type, long inodeNr, BranchNode current) {
    super(tree, type, inodeNr);
    this.current = current;
  }

  @Override
  BranchNode top() {
    return current;
  }

  @Override
  public Attributes attributes() throws IOException {
    Attributes attributes = current.node().attributes();
    return shown(attributes, attributes.linkCount());
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
    tree().rules().checkWhole(current.node());
    return current.node().open();
  }

  @Override
  public Hold hold() throws IOException {
    return current.node().hold();
  }
}
