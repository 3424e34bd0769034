package io.lamina.fs.virtual;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;

/** A symbolic link. */
public final class VirtualLink extends VirtualNode {
  private static final int ALL = 0777;

  private final Name target;

  /** A link that leads there. */
  public VirtualLink(long inodeNr, VirtualOwner owner, Name target) {
    super(inodeNr, FileType.SYMLINK, ALL, owner);
    this.target = target;
  }

  @Override
  public Attributes attributes() {
    return attributes(target.byteCount(), 0, 1);
  }

  @Override
  public Name readLink() {
    return target;
  }
}
