package io.lamina.fs.host;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** One file of a host's directory; there is one node a file, so equality is identity. */
final class HostNode implements Node {
  private final HostTree tree;
  private final TreeCalls calls;
  private final HostStat.Key key;
  private final FileType type;
  private final HostPlaces places = new HostPlaces(this);

  HostNode(HostTree tree, HostStat.Key key, FileType type) {
    this.tree = tree;
    this.calls = tree.calls();
    this.key = key;
    this.type = type;
  }

  HostTree tree() {
    return tree;
  }

  HostStat.Key key() {
    return key;
  }

  HostPlaces places() {
    return places;
  }

  /** A descriptor that names this file; to be closed. */
  Locator locate() throws IOException {
    return places.locate();
  }

  void pin(Locator locator) {
    places.pin(locator);
  }

  void unpin() {
    places.unpin();
  }

  @Override
  public Attributes attributes() throws IOException {
    return places.stat().attributes();
  }

  @Override
  public @Nullable HostNode child(Name name) throws IOException {
    requireDirectory();
    if (!HostNames.isOne(name)) {
      return null;
    }
    Lock lock = tree.places().readLock();
    lock.lock();
    try (Locator here = locate()) {
      HostStat stat = calls.stat(here.fd(), name);
      if (stat == null) {
        return null;
      }
      HostNode child = tree.node(stat);
      child.places.add(this, name);
      return child;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    requireDirectory();
    try (Locator here = locate()) {
      int fd = calls.openDirectory(here.fd());
      try {
        new HostListing(calls, fd).list(cookie, visitor);
      } finally {
        calls.close(fd);
      }
    }
  }

  @Override
  public OpenFile open() throws IOException {
    requireContent();
    Hold hold = hold();
    try (Locator here = locate()) {
      return new HostFile(this, calls.openFile(here.fd(), false), hold);
    } catch (IOException e) {
      hold.close();
      throw e;
    }
  }

  @Override
  public WritableFile openForWriting() throws IOException {
    requireWritable();
    requireContent();
    Hold hold = hold();
    try (Locator here = locate()) {
      return new HostFile(this, openOwn(here.fd()), hold);
    } catch (IOException e) {
      hold.close();
      throw e;
    }
  }

  /**
   * Opens a file for writing, one too whose mode keeps even its owner from that: whether the caller
   * may has been asked, and who has just made a read-only file may write to it.
   */
  private int openOwn(int fd) throws IOException {
    try {
      return calls.openFile(fd, true);
    } catch (FsException e) {
      Attributes attributes = attributes();
      if (e.errno() != Errno.EACCES || attributes.userId() != calls.userId()) {
        throw e;
      }
      calls.setPermissions(fd, attributes.permissions() | 0600);
      try {
        return calls.openFile(fd, true);
      } finally {
        calls.setPermissions(fd, attributes.permissions());
      }
    }
  }

  @Override
  public Name readLink() throws IOException {
    if (type != FileType.SYMLINK) {
      throw new FsException(Errno.EINVAL, "readlink");
    }
    try (Locator here = locate()) {
      return calls.readLink(here.fd());
    }
  }

  @Override
  public List<Name> xattrNames() throws IOException {
    byte[] names;
    try (Locator here = locate()) {
      names = calls.xattrNames(here.fd());
    }
    List<Name> found = new ArrayList<>();
    int start = 0;
    for (int at = 0; at < names.length; at++) {
      if (names[at] == 0) {
        found.add(Name.ofBytes(Arrays.copyOfRange(names, start, at)));
        start = at + 1;
      }
    }
    return found;
  }

  @Override
  public byte @Nullable [] xattr(Name name) throws IOException {
    try (Locator here = locate()) {
      return calls.xattr(here.fd(), name);
    }
  }

  @Override
  public int flags() throws IOException {
    if (type != FileType.REGULAR && type != FileType.DIRECTORY) {
      return 0;
    }
    try (Locator here = locate()) {
      int fd = calls.openFile(here.fd(), false);
      try {
        return calls.flags(fd);
      } finally {
        calls.close(fd);
      }
    }
  }

  @Override
  public void setFlags(int flags) throws IOException {
    requireWritable();
    if (type != FileType.REGULAR && type != FileType.DIRECTORY) {
      throw new FsException(Errno.EOPNOTSUPP, "flags");
    }
    try (Locator here = locate()) {
      int fd = calls.openFile(here.fd(), false);
      try {
        calls.setFlags(fd, flags);
      } finally {
        calls.close(fd);
      }
    }
  }

  @Override
  public Hold hold() throws IOException {
    return places.hold();
  }

  @Override
  public Node create(Name name, NewFile file) throws IOException {
    return changes().create(name, file);
  }

  @Override
  public WritableFile createUnnamed(NewFile file) throws IOException {
    return changes().createUnnamed(file);
  }

  @Override
  public Node createSymlink(Name name, Name target, Owner owner) throws IOException {
    return changes().createSymlink(name, target, owner);
  }

  @Override
  public void link(Name name, Node file) throws IOException {
    changes().link(name, sameTree(file));
  }

  @Override
  public void unlink(Name name) throws IOException {
    changes().unlink(name);
  }

  @Override
  public void removeDirectory(Name name) throws IOException {
    changes().removeDirectory(name);
  }

  @Override
  public void rename(Name name, Node target, Name newName, RenameMode mode) throws IOException {
    changes().rename(name, sameTree(target), newName, mode);
  }

  private HostChanges changes() throws IOException {
    requireWritable();
    requireDirectory();
    return new HostChanges(this);
  }

  private HostNode sameTree(Node node) throws IOException {
    if (node instanceof HostNode host && host.tree == tree) {
      return host;
    }
    throw new FsException(Errno.EXDEV, "a file of another tree");
  }

  @Override
  public void change(AttributeChange change) throws IOException {
    requireWritable();
    Long size = change.size();
    if (size != null) {
      requireContent();
    }
    try (Locator here = locate()) {
      int fd = here.fd();
      if (size != null) {
        calls.setSize(fd, size);
      }
      Long userId = change.userId();
      Long groupId = change.groupId();
      if (userId != null || groupId != null) {
        calls.setOwner(fd, userId == null ? -1 : userId, groupId == null ? -1 : groupId);
      }
      Integer permissions = change.permissions();
      if (permissions != null) {
        calls.setPermissions(fd, permissions);
      }
      if (change.accessTime() != null || change.modificationTime() != null) {
        calls.setTimes(fd, change.accessTime(), change.modificationTime());
      }
    }
  }

  @Override
  public void setXattr(Name name, byte[] value, XattrMode mode) throws IOException {
    requireWritable();
    try (Locator here = locate()) {
      calls.setXattr(here.fd(), name, value, mode);
    }
  }

  @Override
  public void removeXattr(Name name) throws IOException {
    requireWritable();
    try (Locator here = locate()) {
      calls.removeXattr(here.fd(), name);
    }
  }

  @Override
  public void sync() throws IOException {
    if (type != FileType.DIRECTORY && type != FileType.REGULAR) {
      return;
    }
    try (Locator here = locate()) {
      int fd = calls.openFile(here.fd(), false);
      try {
        calls.sync(fd, false);
      } finally {
        calls.close(fd);
      }
    }
  }

  private void requireWritable() throws FsException {
    if (!tree.isWritable()) {
      throw new FsException(Errno.EROFS, "read-only file system");
    }
  }

  private void requireDirectory() throws FsException {
    if (type != FileType.DIRECTORY) {
      throw new FsException(Errno.ENOTDIR, "no directory");
    }
  }

  private void requireContent() throws FsException {
    if (type == FileType.DIRECTORY) {
      throw new FsException(Errno.EISDIR, "a directory");
    }
    if (type != FileType.REGULAR) {
      throw new FsException(Errno.EINVAL, "no regular file");
    }
  }
}
