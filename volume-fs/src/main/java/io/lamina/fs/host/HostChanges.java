package io.lamina.fs.host;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrKind;
import java.io.IOException;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** Makes, names and removes files in one directory of the host. */
final class HostChanges {
  private static final Name DEFAULT_ACL = Name.of(XattrKind.ACL_DEFAULT.start());
  private static final int SETUID_AND_SETGID = 06000;
  private static final int SETGID = 02000;

  /** What {@code mkdir} takes of a mode. */
  private static final int DIRECTORY_PERMISSIONS = 01777;

  private final HostNode directory;
  private final HostTree tree;
  private final TreeCalls calls;

  HostChanges(HostNode directory) {
    this.directory = directory;
    this.tree = directory.tree();
    this.calls = tree.calls();
  }

  HostNode create(Name name, NewFile file) throws IOException {
    checkNew(name);
    return keepingPlaces(here -> create(here, name, file));
  }

  private HostNode create(Locator here, Name name, NewFile file) throws IOException {
    boolean isDirectory = file.type() == FileType.DIRECTORY;
    int permissions = permissions(here, file);
    if (isDirectory) {
      calls.makeDirectory(here.fd(), name, permissions);
    } else {
      long device = Libc.device(file.deviceMajor(), file.deviceMinor());
      calls.makeNode(here.fd(), name, file.type(), permissions, device);
    }
    try {
      return made(here, name, file.owner(), permissions);
    } catch (IOException e) {
      if (isDirectory) {
        calls.removeDirectory(here.fd(), name);
      } else {
        calls.unlink(here.fd(), name);
      }
      throw e;
    }
  }

  /** The permissions to ask for, as no mask of this process should change them. */
  private int permissions(Locator here, NewFile file) throws IOException {
    int asked = file.permissions();
    if (file.type() == FileType.DIRECTORY) {
      asked &= DIRECTORY_PERMISSIONS;
    }
    boolean masked = (asked & file.umask()) != 0 && !hasDefaultAcl(here);
    return masked ? asked & ~file.umask() : asked;
  }

  private boolean hasDefaultAcl(Locator here) throws IOException {
    return calls.xattr(here.fd(), DEFAULT_ACL) != null;
  }

  private HostNode made(Locator here, Name name, Owner owner, int permissions) throws IOException {
    try (Locator made = new Locator(calls.locate(here.fd(), name))) {
      HostStat stat = calls.stat(made.fd());
      settle(here, made, stat.attributes(), owner, permissions);
      HostNode node = tree.node(stat);
      node.places().add(directory, name);
      return node;
    }
  }

  /** Gives a new file the owner and the permissions that the kernel did not give it. */
  private void settle(
      Locator here, Locator made, Attributes attributes, Owner owner, int permissions)
      throws IOException {
    long groupId = owner.groupId();
    if (attributes.groupId() != groupId && isSetgid(here)) {
      groupId = attributes.groupId();
    }
    boolean given = attributes.userId() != owner.userId() || attributes.groupId() != groupId;
    if (given) {
      calls.setOwner(made.fd(), owner.userId(), groupId);
    }
    int wanted = permissions;
    if (attributes.isDirectory()) {
      wanted |= attributes.permissions() & SETGID;
    }
    boolean bitsLost = given && (wanted & SETUID_AND_SETGID) != 0;
    boolean differs = attributes.permissions() != wanted;
    if ((bitsLost || differs) && hasDefaultAcl(here)) {
      wanted = attributes.permissions(); // no more than the list gives
      differs = false;
    }
    if (bitsLost || differs) {
      calls.setPermissions(made.fd(), wanted);
    }
  }

  private boolean isSetgid(Locator here) throws IOException {
    return (calls.stat(here.fd()).attributes().permissions() & SETGID) != 0;
  }

  WritableFile createUnnamed(NewFile file) throws IOException {
    try (Locator here = directory.locate()) {
      int permissions = permissions(here, file);
      int fd = calls.createUnnamed(here.fd(), permissions);
      try {
        Locator made = new Locator(calls.relocate(fd));
        HostStat stat = calls.stat(made.fd());
        HostNode node = tree.node(stat);
        node.pin(made);
        try {
          settle(here, made, stat.attributes(), file.owner(), permissions);
        } catch (IOException e) {
          node.unpin();
          throw e;
        }
        return new HostFile(node, fd, node::unpin);
      } catch (IOException e) {
        calls.close(fd);
        throw e;
      }
    }
  }

  HostNode createSymlink(Name name, Name target, Owner owner) throws IOException {
    checkNew(name);
    return keepingPlaces(here -> createSymlink(here, name, target, owner));
  }

  private HostNode createSymlink(Locator here, Name name, Name target, Owner owner)
      throws IOException {
    calls.makeSymlink(target, here.fd(), name);
    try (Locator made = new Locator(calls.locate(here.fd(), name))) {
      HostStat stat = calls.stat(made.fd());
      settle(here, made, stat.attributes(), owner, stat.attributes().permissions());
      HostNode node = tree.node(stat);
      node.places().add(directory, name);
      return node;
    } catch (IOException e) {
      calls.unlink(here.fd(), name);
      throw e;
    }
  }

  void link(Name name, HostNode file) throws IOException {
    checkNew(name);
    keepingPlaces(
        here -> {
          try (Locator source = file.locate()) {
            calls.makeLink(source.fd(), here.fd(), name);
            file.places().add(directory, name);
            return file;
          }
        });
  }

  /**
   * Gives a name while nobody takes one away: what is found under it is what was made, and what is
   * taken back where that cannot be finished.
   */
  private HostNode keepingPlaces(Making making) throws IOException {
    Lock lock = tree.places().readLock();
    lock.lock();
    try (Locator here = directory.locate()) {
      return making.in(here);
    } finally {
      lock.unlock();
    }
  }

  private interface Making {
    HostNode in(Locator here) throws IOException;
  }

  void unlink(Name name) throws IOException {
    checkOld(name);
    changePlaces(
        here -> {
          HostStat stat = calls.stat(here.fd(), name);
          calls.unlink(here.fd(), name);
          removed(directory, name, stat);
        });
  }

  void removeDirectory(Name name) throws IOException {
    checkOld(name);
    changePlaces(
        here -> {
          HostStat stat = calls.stat(here.fd(), name);
          calls.removeDirectory(here.fd(), name);
          removed(directory, name, stat);
        });
  }

  void rename(Name name, HostNode target, Name newName, RenameMode mode) throws IOException {
    checkOld(name);
    checkNew(newName);
    changePlaces(
        here -> {
          try (Locator there = target.locate()) {
            HostStat moved = calls.stat(here.fd(), name);
            HostStat replaced = calls.stat(there.fd(), newName);
            calls.rename(here.fd(), name, there.fd(), newName, flags(mode));
            boolean sameFile = replaced != null && moved != null && sameFile(moved, replaced);
            if (sameFile) {
              return; // POSIX: two names of one file both stay
            }
            if (mode == RenameMode.EXCHANGE) {
              renamed(replaced, target, newName, directory, name);
            } else {
              removed(target, newName, replaced);
            }
            renamed(moved, directory, name, target, newName);
          }
        });
  }

  private static boolean sameFile(HostStat one, HostStat other) {
    return one.key().equals(other.key());
  }

  private static int flags(RenameMode mode) {
    return switch (mode) {
      case REPLACE -> 0;
      case NO_REPLACE -> 1;
      case EXCHANGE -> 2;
    };
  }

  private void removed(HostNode where, Name name, @Nullable HostStat stat) {
    HostNode node = stat == null ? null : tree.knownNode(stat);
    if (stat == null || node == null) {
      return;
    }
    node.places().remove(where, name);
    if (stat.attributes().isDirectory() || stat.attributes().linkCount() <= 1) {
      node.places().lost();
    }
  }

  private void renamed(
      @Nullable HostStat stat, HostNode oldWhere, Name oldName, HostNode where, Name name) {
    HostNode node = stat == null ? null : tree.knownNode(stat);
    if (node != null) {
      node.places().remove(oldWhere, oldName);
      node.places().add(where, name);
    }
  }

  private void changePlaces(Change change) throws IOException {
    Lock lock = tree.places().writeLock();
    lock.lock();
    try (Locator here = directory.locate()) {
      change.in(here);
    } finally {
      lock.unlock();
    }
  }

  private interface Change {
    void in(Locator here) throws IOException;
  }

  private static void checkOld(Name name) throws FsException {
    if (!HostNames.isOne(name)) {
      throw new FsException(Errno.ENOENT, "no name for a file: '" + name + "'");
    }
  }

  private static void checkNew(Name name) throws FsException {
    if (!HostNames.isOne(name)) {
      throw new FsException(Errno.EINVAL, "no name for a file: '" + name + "'");
    }
  }
}
