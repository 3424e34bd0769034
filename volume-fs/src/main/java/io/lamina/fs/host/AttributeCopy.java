package io.lamina.fs.host;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;

/**
 * Gives a file of the host what another tree's file has, in the order in which no step undoes one
 * before: owner, extended attributes, mode, times. As {@code cp -a}: who may not give files away
 * keeps them, without a word and without their set-user-id bits.
 */
final class AttributeCopy {
  /** New files are nobody else's business until they have their owner and mode. */
  private static final int PRIVATE_FILE = 0600;

  private static final int PRIVATE_DIRECTORY = 0700;
  private static final int RWX = 0777;

  private final Libc libc;
  private final boolean preserve;
  private final boolean root;
  private final int umask;

  AttributeCopy(Libc libc, boolean preserve) {
    this.libc = libc;
    this.preserve = preserve;
    this.root = libc.isRoot();
    this.umask = libc.umask();
  }

  /** With what permissions to make a file that gets its own later. */
  int initialPermissions(Attributes attributes) {
    if (attributes.isDirectory()) {
      return PRIVATE_DIRECTORY;
    }
    return preserve ? PRIVATE_FILE : attributes.permissions() & RWX;
  }

  /** Of a regular file or a directory that is open. */
  void toOpen(int fd, Node node, Attributes attributes, Problems problems) {
    if (!preserve) {
      if (attributes.isDirectory()) {
        problems.of(() -> libc.setPermissions(fd, attributes.permissions() & RWX & ~umask));
      }
      return;
    }
    boolean owned =
        owner(
            () -> libc.setOwner(fd, attributes.userId(), attributes.groupId()),
            () -> libc.trySetGroup(fd, attributes.groupId()),
            problems);
    xattrs(node, (name, value) -> libc.setXattr(fd, name, value), problems);
    problems.of(() -> libc.setPermissions(fd, permissions(attributes, owned)));
    problems.of(() -> libc.setTimes(fd, attributes.accessTime(), attributes.modificationTime()));
  }

  /** Of a symbolic link, a device node, a FIFO or a socket. */
  void toName(
      HostDirectory directory, Name name, Node node, Attributes attributes, Problems problems) {
    if (!preserve) {
      return;
    }
    int at = directory.fd();
    boolean owned =
        owner(
            () -> libc.setOwner(at, name, attributes.userId(), attributes.groupId()),
            () -> {},
            problems);
    xattrs(node, (xattr, value) -> libc.setXattr(at, name, xattr, value), problems);
    if (attributes.type() != FileType.SYMLINK) {
      problems.of(() -> libc.setPermissions(at, name, permissions(attributes, owned)));
    }
    problems.of(
        () -> libc.setTimes(at, name, attributes.accessTime(), attributes.modificationTime()));
  }

  private static int permissions(Attributes attributes, boolean owned) {
    return owned ? attributes.permissions() : attributes.permissions() & RWX;
  }

  private boolean owner(Step all, Runnable groupOnly, Problems problems) {
    try {
      all.run();
      return true;
    } catch (FsException e) {
      boolean notAllowed = e.errno() == Errno.EPERM || e.errno() == Errno.EINVAL;
      if (notAllowed && !root) {
        groupOnly.run();
      } else {
        problems.add(e);
      }
    } catch (IOException e) {
      problems.add(e);
    }
    return false;
  }

  private static void xattrs(Node node, XattrStep step, Problems problems) {
    problems.of(
        () -> {
          for (Name name : node.xattrNames()) {
            byte[] value = node.xattr(name);
            if (value != null) {
              problems.of(() -> step.set(name, value));
            }
          }
        });
  }

  /** One thing to do. */
  interface Step {
    void run() throws IOException;
  }

  private interface XattrStep {
    void set(Name name, byte[] value) throws IOException;
  }

  /** Takes what fails, so that the rest is done all the same. */
  interface Problems {
    void add(IOException problem);

    default void of(Step step) {
      try {
        step.run();
      } catch (IOException e) {
        add(e);
      } catch (RuntimeException e) {
        add(new IOException(e.toString(), e)); // a bug, and no reason to leave the rest behind
      }
    }
  }
}
