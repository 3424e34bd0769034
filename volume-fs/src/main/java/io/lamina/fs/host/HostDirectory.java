package io.lamina.fs.host;

import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An open directory of the host, in which things are made. A name that would lead anywhere but to
 * an entry of this very directory is refused, and no symbolic link is followed.
 */
final class HostDirectory implements Closeable {
  private static final int CLOSED = -1;

  private final Libc libc;
  private final @Nullable HostDirectory parent;
  private final Name name;
  private int fd;

  private HostDirectory(Libc libc, @Nullable HostDirectory parent, Name name, int fd) {
    this.libc = libc;
    this.parent = parent;
    this.name = name;
    this.fd = fd;
  }

  /** The directory at a path, which a person has named: its links are followed. */
  static HostDirectory at(Libc libc, Name path) throws IOException {
    return new HostDirectory(libc, null, path, libc.openPath(path));
  }

  int fd() {
    return fd;
  }

  /** For messages: where an entry of this name lies. */
  String pathOf(Name entry) {
    StringBuilder path = new StringBuilder(entry.toString());
    for (HostDirectory at = this; at != null; at = at.parent) {
      path.insert(0, at.name.latin1().endsWith("/") ? at.name.toString() : at.name + "/");
    }
    return path.toString();
  }

  /** Makes a directory, or opens the one that is there. */
  HostDirectory directory(Name entry, int permissions) throws IOException {
    try {
      libc.makeDirectory(fd, checked(entry), permissions);
    } catch (FsException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
    return new HostDirectory(libc, this, entry, libc.openDirectory(fd, entry));
  }

  /** Makes an empty regular file, instead of what is there; gives it open for writing. */
  int file(Name entry, int permissions) throws IOException {
    int[] created = new int[1];
    replacing(entry, () -> created[0] = libc.createFile(fd, entry, permissions));
    return created[0];
  }

  /** Makes a symbolic link, instead of what is there. */
  void symlink(Name entry, Name target) throws IOException {
    replacing(entry, () -> libc.makeSymlink(target, fd, entry));
  }

  /** Makes a device node, a FIFO or a socket, instead of what is there. */
  void node(Name entry, FileType type, int permissions, long device) throws IOException {
    replacing(entry, () -> libc.makeNode(fd, entry, type, permissions, device));
  }

  /** Makes another name of a file, instead of what is there. */
  void link(Name entry, HostDirectory oldDirectory, Name oldEntry) throws IOException {
    try (HostDirectory old = oldDirectory.reopened()) {
      replacing(entry, () -> libc.makeLink(old.fd, oldEntry, fd, entry));
    }
  }

  private void replacing(Name entry, Making making) throws IOException {
    checked(entry);
    try {
      making.run();
    } catch (FsException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      libc.unlink(fd, entry);
      making.run();
    }
  }

  /** The same directory, opened once more, step by step from the first one that is open. */
  private HostDirectory reopened() throws IOException {
    if (parent == null || fd != CLOSED) {
      return new HostDirectory(libc, parent, name, libc.openDirectory(fd, Name.of(".")));
    }
    try (HostDirectory above = parent.reopened()) {
      return new HostDirectory(libc, parent, name, libc.openDirectory(above.fd, name));
    }
  }

  private Name checked(Name entry) throws IOException {
    String latin1 = entry.latin1();
    boolean leadsAway =
        latin1.isEmpty()
            || latin1.equals(".")
            || latin1.equals("..")
            || latin1.indexOf('/') >= 0
            || latin1.indexOf('\0') >= 0;
    if (leadsAway) {
      throw new IOException("no name for a file: '" + entry + "'");
    }
    return entry;
  }

  @Override
  public void close() throws IOException {
    if (fd != CLOSED) {
      int open = fd;
      fd = CLOSED;
      libc.close(open);
    }
  }

  private interface Making {
    void run() throws IOException;
  }
}
