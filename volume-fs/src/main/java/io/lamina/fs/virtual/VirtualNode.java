package io.lamina.fs.virtual;

import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the kinds of virtual file share. It refuses what its kind has no answer to with POSIX's
 * error; each kind overrides what it can do. Two of them are equal when they are the same object.
 */
public abstract class VirtualNode implements Node {
  private final long inodeNr;
  private final FileType type;
  private final int permissions;
  private final VirtualOwner owner;

  /**
   * A virtual file.
   *
   * @param inodeNr its number, which nothing else in its tree has
   */
  protected VirtualNode(long inodeNr, FileType type, int permissions, VirtualOwner owner) {
    this.inodeNr = inodeNr;
    this.type = type;
    this.permissions = permissions;
    this.owner = owner;
  }

  /** Its number in its tree. */
  public final long inodeNr() {
    return inodeNr;
  }

  /** What it is. */
  public final FileType type() {
    return type;
  }

  /** Attributes of a file of this length, which takes that space. */
  protected final Attributes attributes(long size, long sectorCount, int linkCount) {
    return new Attributes(
        inodeNr,
        type,
        permissions,
        linkCount,
        owner.userId(),
        owner.groupId(),
        size,
        sectorCount,
        0,
        0,
        owner.since(),
        owner.since(),
        owner.since());
  }

  @Override
  public @Nullable Node child(Name name) throws IOException {
    throw new FsException(Errno.ENOTDIR, toString());
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    throw new FsException(Errno.ENOTDIR, toString());
  }

  @Override
  public OpenFile open() throws IOException {
    throw new FsException(type == FileType.DIRECTORY ? Errno.EISDIR : Errno.EINVAL, toString());
  }

  @Override
  public Name readLink() throws IOException {
    throw new FsException(Errno.EINVAL, toString());
  }

  @Override
  public List<Name> xattrNames() throws IOException {
    return List.of();
  }

  @Override
  public byte @Nullable [] xattr(Name name) throws IOException {
    return null;
  }

  @Override
  public int flags() throws IOException {
    return 0;
  }

  @Override
  public String toString() {
    return "virtual file " + inodeNr;
  }
}
