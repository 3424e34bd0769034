package io.lamina.ext4;

import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.XattrNames;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A file of a volume. It holds no more than its number and what tells one use of that from the
 * next; what they stand for is cached.
 */
final class Ext4Node implements Node {
  private static final int NAME_MAX_BYTES = 255;

  private final Files files;
  private final long inodeNr;
  private final int generation;

  Ext4Node(Files files, long inodeNr, int generation) {
    this.files = files;
    this.inodeNr = inodeNr;
    this.generation = generation;
  }

  /** The file of an inode. */
  static Ext4Node of(Files files, Inode inode) {
    return new Ext4Node(files, inode.inodeNr(), inode.raw().generation());
  }

  /** Another file of the same volume. */
  Ext4Node other(WritableInode inode) {
    return new Ext4Node(files, inode.inodeNr(), inode.raw().generation());
  }

  long inodeNr() {
    return inodeNr;
  }

  int generation() {
    return generation;
  }

  private Inode inode() throws IOException {
    Inode inode = files.inode(inodeNr);
    Writing writing = files.writing();
    if (writing != null) {
      boolean isThere = inode.raw().linkCount() > 0 || writing.live().isHeld(inodeNr);
      if (inode.raw().generation() != generation || !isThere) {
        throw new FsException(Errno.ESTALE, toString());
      }
    }
    return inode;
  }

  /** Something read of a file whose bytes may be changing. */
  @FunctionalInterface
  private interface Reading<T> {
    T of(Inode inode) throws IOException;
  }

  /** Reads something while nobody changes the file. */
  private <T> T reading(Reading<T> reading) throws IOException {
    Writing writing = files.writing();
    if (writing == null) {
      return reading.of(inode());
    }
    WritableInode held = writing.live().acquire(inodeNr, generation);
    try {
      held.lock().readLock().lock();
      try {
        held.requireThere();
        return reading.of(held.inode());
      } catch (IOException e) {
        writing.failed(e);
        throw e;
      } finally {
        held.lock().readLock().unlock();
      }
    } finally {
      writing.live().release(held);
    }
  }

  @Override
  public Attributes attributes() throws IOException {
    Inode inode = inode();
    return inode.type() == FileType.SYMLINK && inode.has(InodeFlags.ENCRYPT)
        ? inode.attributes().withSize(readLink().byteCount()) // the inode's is the stored one
        : inode.attributes();
  }

  @Override
  public @Nullable Node child(Name name) throws IOException {
    if (name.byteCount() > NAME_MAX_BYTES) {
      requireDirectory(inode());
      throw new FsException(Errno.ENAMETOOLONG, name.toString());
    }
    return reading(inode -> Optional.ofNullable(named(inode, name)))
        .map(found -> of(files, found))
        .orElse(null);
  }

  private @Nullable Inode named(Inode inode, Name name) throws IOException {
    Directory directory = directory(inode);
    long found = isDot(name.latin1()) ? Directory.NOT_FOUND : lookup(directory, name);
    if (found == inodeNr) {
      throw inode.site().damage("entry " + name, "another inode", "the directory's own");
    }
    return found == Directory.NOT_FOUND ? null : files.named(found);
  }

  @Override
  public long removalCount() {
    return files.volume().removalCount(inodeNr);
  }

  /** Straight to the inode: a search for each name of a long directory would take its square. */
  @Override
  public @Nullable Node listedChild(Name name, long listedNr, long removalCount)
      throws IOException {
    if (files.writing() == null) {
      return of(files, files.inodes().named(listedNr));
    }
    Node found = unlessRemoved(listedNr, removalCount);
    return found != null ? found : child(name);
  }

  /** Null where another file may have the number by now, or where it makes no sense. */
  private @Nullable Node unlessRemoved(long listedNr, long removalCount) {
    try {
      Inode inode = files.named(listedNr);
      return removalCount() == removalCount ? of(files, inode) : null;
    } catch (IOException e) {
      return null; // if that is how it is, a search meets it again
    }
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
    if (files.writing() != null) {
      listChanging(Math.max(0, cookie), visitor);
      return;
    }
    Directory directory = directory(inode());
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

  /** Parts are read under the directory's lock, and told without it. */
  private void listChanging(long cookie, EntryVisitor visitor) throws IOException {
    long at = cookie;
    while (at != ListedPart.END) {
      long from = at;
      ListedPart part =
          reading(
              inode -> {
                requireDirectory(inode);
                return new OrderedListing(files.volume(), inode).from(from);
              });
      for (ListedEntry entry : part.entries()) {
        FileType type = files.type(entry.typeCode(), entry.inodeNr());
        if (!visitor.entry(entry.name(), entry.inodeNr(), type, entry.cookie() + 1)) {
          touchAccessTime();
          return;
        }
      }
      at = part.next();
    }
    touchAccessTime();
  }

  private void touchAccessTime() throws IOException {
    Writing writing = files.writing();
    NodeChanges changes = files.changes();
    if (writing == null || changes == null || !writing.keepsAccessTimes()) {
      return;
    }
    WritableInode held = writing.live().acquire(inodeNr, generation);
    try {
      changes.attributes().touchAccessTime(held);
    } finally {
      writing.live().release(held);
    }
  }

  private Directory directory(Inode inode) throws IOException {
    requireDirectory(inode);
    return Directory.of(files.volume(), inode);
  }

  private void requireDirectory(Inode inode) throws FsException {
    if (inode.type() != FileType.DIRECTORY) {
      throw new FsException(Errno.ENOTDIR, toString());
    }
  }

  @Override
  public OpenFile open() throws IOException {
    Inode inode = requireContent();
    Writing writing = files.writing();
    if (writing != null) {
      return new LiveFile(files, writing, this, writing.live().acquire(inodeNr, generation));
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
    return new LiveFile(files, writing, this, writing.live().acquire(inodeNr, generation));
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
    Name target =
        reading(
            inode -> {
              if (inode.type() != FileType.SYMLINK) {
                throw new FsException(Errno.EINVAL, toString());
              }
              return SymlinkTarget.of(files.volume(), inode);
            });
    touchAccessTime();
    return target;
  }

  @Override
  public List<Name> xattrNames() throws IOException {
    return reading(inode -> files.xattrs().names(inode));
  }

  @Override
  public byte @Nullable [] xattr(Name name) throws IOException {
    byte @Nullable [] value =
        reading(inode -> Optional.ofNullable(files.xattrs().value(inode, name))).orElse(null);
    if (value == null) {
      XattrNames.requireKnown(name);
    }
    return value;
  }

  @Override
  public int flags() throws IOException {
    Inode inode = inode();
    int visible = inode.raw().flags() & InodeFlags.USER_VISIBLE;
    return inode.type() == FileType.REGULAR ? visible & ~InodeFlags.PROJECT_INHERIT : visible;
  }

  @Override
  public int version() throws IOException {
    return inode().raw().generation();
  }

  @Override
  public int projectId() throws IOException {
    return files.volume().superblock().has(Feature.PROJECT) ? inode().raw().projectId() : 0;
  }

  @Override
  public NodeKey nodeKey() {
    return new NodeKey(files, (int) inodeNr, generation);
  }

  @Override
  public Hold hold() throws IOException {
    Writing writing = files.writing();
    if (writing == null) {
      return () -> {};
    }
    WritableInode held = writing.live().acquire(inodeNr, generation);
    AtomicBoolean isOver = new AtomicBoolean();
    return () -> {
      if (!isOver.getAndSet(true)) {
        writing.live().release(held);
      }
    };
  }

  /** A change that makes something. */
  @FunctionalInterface
  private interface Making<T> {
    T by(NodeChanges changes) throws IOException;
  }

  /** A change. */
  @FunctionalInterface
  private interface Changing {
    void by(NodeChanges changes) throws IOException;
  }

  /** Changes something; metadata that is found damaged on the way stops all writing. */
  private <T> T changing(Making<T> making) throws IOException {
    Writing writing = files.requireWriting();
    try {
      return making.by(files.requireChanges());
    } catch (IOException e) {
      writing.failed(e);
      throw e;
    }
  }

  private void changed(Changing changing) throws IOException {
    changing(
        changes -> {
          changing.by(changes);
          return this;
        });
  }

  @Override
  public Node create(Name name, NewFile file) throws IOException {
    return changing(changes -> changes.names().create(this, name, file));
  }

  @Override
  public WritableFile createUnnamed(NewFile file) throws IOException {
    return changing(
        changes -> {
          try (LockedFiles held = new LockedFiles(files)) {
            return changes.names().createUnnamed(this, file, held).openForWriting();
          }
        });
  }

  @Override
  public Node createSymlink(Name name, Name target, Owner owner) throws IOException {
    return changing(changes -> changes.names().createSymlink(this, name, target, owner));
  }

  @Override
  public void link(Name name, Node file) throws IOException {
    changed(changes -> changes.names().link(this, name, ofThisVolume(file)));
  }

  private Ext4Node ofThisVolume(Node node) throws FsException {
    if (node instanceof Ext4Node other && other.files.volume() == files.volume()) {
      return other;
    }
    throw new FsException(Errno.EXDEV, node + " is no " + this);
  }

  @Override
  public void unlink(Name name) throws IOException {
    changed(changes -> changes.names().unlink(this, name));
  }

  @Override
  public void removeDirectory(Name name) throws IOException {
    changed(changes -> changes.names().removeDirectory(this, name));
  }

  @Override
  public void rename(Name name, Node target, Name newName, RenameMode mode) throws IOException {
    changed(changes -> changes.renaming().rename(this, name, ofThisVolume(target), newName, mode));
  }

  /** The size goes first: it is what can fail for want of room. */
  @Override
  public void change(AttributeChange change) throws IOException {
    files.requireChanges();
    Long size = change.size();
    if (size != null) {
      try (WritableFile file = openForWriting()) {
        file.truncate(size);
      }
    }
    changed(changes -> changes.attributes().change(this, change));
  }

  @Override
  public void setXattr(Name name, byte[] value, XattrMode mode) throws IOException {
    changed(changes -> changes.attributes().setXattr(this, name, value, mode));
  }

  @Override
  public void removeXattr(Name name) throws IOException {
    changed(changes -> changes.attributes().removeXattr(this, name));
  }

  @Override
  public void setFlags(int flags) throws IOException {
    changed(changes -> changes.attributes().setFlags(this, flags));
  }

  @Override
  public void sync() throws IOException {
    Writing writing = files.writing();
    if (writing != null) {
      writing.journal().commit(writing.journal().runningId());
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Ext4Node node
        && node.files.volume() == files.volume()
        && node.inodeNr == inodeNr
        && node.generation == generation;
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
