package io.lamina.ext4;

import io.lamina.ext4.format.InodeFlags;
import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of a volume. It holds no more than its number; what that stands for is cached. */
final class Ext4Node implements Node {
  private static final int NAME_MAX_BYTES = 255;

  private final Files files;
  private final long inodeNr;

  Ext4Node(Files files, long inodeNr) {
    this.files = files;
    this.inodeNr = inodeNr;
  }

  private Inode inode() throws IOException {
    return files.inodes().inode(inodeNr);
  }

  @Override
  public Attributes attributes() throws IOException {
    return inode().attributes();
  }

  @Override
  public @Nullable Node child(Name name) throws IOException {
    Directory directory = directory();
    if (name.byteCount() > NAME_MAX_BYTES) {
      throw new FsException(Errno.ENAMETOOLONG, name.toString());
    }
    long found = isDot(name.latin1()) ? Directory.NOT_FOUND : lookup(directory, name);
    if (found == Directory.NOT_FOUND) {
      return null;
    }
    if (found == inodeNr) {
      throw directory
          .inode()
          .site()
          .damage("entry " + name, "another inode", "the directory's own");
    }
    return new Ext4Node(files, files.inodes().named(found).inodeNr());
  }

  /** Straight to the inode: a search for each name of a long directory would take its square. */
  @Override
  public Node listedChild(Name name, long listedNr) throws IOException {
    return new Ext4Node(files, files.inodes().named(listedNr).inodeNr());
  }

  private long lookup(Directory directory, Name name) throws IOException {
    ChangedDirectory changed = files.volume().changes().directory(inodeNr);
    Long known = changed == null ? null : changed.inodeNr(name);
    return known == null ? directory.lookup(name) : known;
  }

  private static boolean isDot(String name) {
    return name.equals(".") || name.equals("..");
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    Directory directory = directory();
    ChangedDirectory changed = files.volume().changes().directory(inodeNr);
    if (changed == null) {
      listStored(directory, cookie, visitor);
      return;
    }
    boolean[] goesOn = {true};
    EntryVisitor unchanged =
        (name, nr, type, next) -> {
          goesOn[0] = changed.inodeNr(name) != null || visitor.entry(name, nr, type, next);
          return goesOn[0];
        };
    if (!changed.isNew() && cookie < ChangedDirectory.FIRST_COOKIE) {
      listStored(directory, cookie, unchanged);
    }
    if (goesOn[0]) {
      changed.list(cookie, files, visitor);
    }
  }

  private void listStored(Directory directory, long cookie, EntryVisitor visitor)
      throws IOException {
    ShownNames names = directory.names();
    directory.walk(
        Math.max(0, cookie),
        (entry, bytes, next) ->
            visitor.entry(
                names.of(entry, bytes),
                entry.inodeNr(),
                files.type(entry.fileType(), entry.inodeNr()),
                next));
  }

  private Directory directory() throws IOException {
    Inode inode = inode();
    if (inode.type() != FileType.DIRECTORY) {
      throw new FsException(Errno.ENOTDIR, toString());
    }
    return Directory.of(files.volume(), inode);
  }

  @Override
  public OpenFile open() throws IOException {
    Inode inode = requireContent();
    Writing writing = files.writing();
    if (writing != null) {
      return new LiveFile(files, writing, this, writing.live().acquire(inodeNr));
    }
    return inode.has(InodeFlags.INLINE_DATA)
        ? new InlineFile(InlineData.of(inode), inode.size())
        : new MappedFile(files.volume(), inode);
  }

  @Override
  public WritableFile openForWriting() throws IOException {
    Inode inode = requireContent();
    Writing writing = files.requireWriting();
    if (inode.has(InodeFlags.IMMUTABLE)) {
      throw new FsException(Errno.EPERM, toString());
    }
    return new LiveFile(files, writing, this, writing.live().acquire(inodeNr));
  }

  private Inode requireContent() throws IOException {
    Inode inode = inode();
    switch (inode.type()) {
      case REGULAR -> {}
      case DIRECTORY -> throw new FsException(Errno.EISDIR, toString());
      default -> throw new FsException(Errno.EINVAL, toString());
    }
    if (inode.has(InodeFlags.ENCRYPT)) {
      throw new FsException(Errno.ENOKEY, toString());
    }
    return inode;
  }

  @Override
  public Name readLink() throws IOException {
    Inode inode = inode();
    if (inode.type() != FileType.SYMLINK) {
      throw new FsException(Errno.EINVAL, toString());
    }
    return SymlinkTarget.of(files.volume(), inode);
  }

  @Override
  public List<Name> xattrNames() throws IOException {
    return files.xattrs().names(inode());
  }

  @Override
  public byte @Nullable [] xattr(Name name) throws IOException {
    return files.xattrs().value(inode(), name);
  }

  @Override
  public int flags() throws IOException {
    Inode inode = inode();
    int visible = inode.raw().flags() & InodeFlags.USER_VISIBLE;
    return inode.type() == FileType.REGULAR ? visible & ~InodeFlags.PROJECT_INHERIT : visible;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Ext4Node node && node.files.equals(files) && node.inodeNr == inodeNr;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(inodeNr);
  }

  @Override
  public String toString() {
    return "inode " + inodeNr + " of " + files.volume().device().name();
  }
}
