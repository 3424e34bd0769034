package io.lamina.layer.union;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One file of a union; there is one node a file, so equality is identity. */
abstract class UnionNode implements Node {
  private final UnionTree tree;
  private final FileType type;
  private volatile long inodeNr;

  UnionNode(UnionTree tree, FileType type, long inodeNr) {
    this.tree = tree;
    this.type = type;
    this.inodeNr = inodeNr;
  }

  /** The file of a branch that shows. */
  abstract BranchNode top();

  /** The branches that have it, topmost first. */
  abstract List<Integer> branchNrs();

  /** Has it in the upper branch, copied up where it is not; gives it as it is there. */
  abstract Node makeUpper() throws IOException;

  UnionTree tree() {
    return tree;
  }

  FileType type() {
    return type;
  }

  long inodeNr() {
    return inodeNr;
  }

  /** From now on it is shown with another number. */
  void setInodeNr(long newNr) {
    inodeNr = newNr;
  }

  /** The attributes that the union shows, with its own number and a count of links. */
  Attributes shown(Attributes attributes, int linkCount) {
    return new Attributes(
        tree.shownNr(inodeNr),
        attributes.type(),
        attributes.permissions(),
        linkCount,
        attributes.userId(),
        attributes.groupId(),
        attributes.size(),
        attributes.sectorCount(),
        attributes.deviceMajor(),
        attributes.deviceMinor(),
        attributes.accessTime(),
        attributes.modificationTime(),
        attributes.changeTime());
  }

  @Override
  public Name readLink() throws IOException {
    return top().node().readLink();
  }

  @Override
  public List<Name> xattrNames() throws IOException {
    return top().node().xattrNames().stream()
        .filter(name -> !tree.rules().isPrivate(name))
        .toList();
  }

  @Override
  public byte @Nullable [] xattr(Name name) throws IOException {
    return tree.rules().isPrivate(name) ? null : top().node().xattr(name);
  }

  @Override
  public int flags() throws IOException {
    return top().node().flags();
  }

  @Override
  public int projectId() throws IOException {
    return top().node().projectId();
  }

  @Override
  public void setFlags(int flags) throws IOException {
    makeUpper().setFlags(flags);
  }

  @Override
  public void removeXattr(Name name) throws IOException {
    tree.checkXattr(name);
    if (!tree.isUpper(top()) && xattr(name) == null) { // of its own files the branch itself knows
      throw new FsException(Errno.ENODATA, name.toString());
    }
    makeUpper().removeXattr(name);
  }

  static FsException stale() {
    return new FsException(Errno.ESTALE, "the file is gone");
  }
}
