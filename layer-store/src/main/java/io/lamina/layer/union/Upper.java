package io.lamina.layer.union;

import io.lamina.fs.Attributes;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The branch that takes the changes of a union: how it is told there what is hidden. What takes
 * more than one step is made in a work directory and then renamed into place.
 */
abstract class Upper {
  private final Node work;
  private final Owner owner;
  private final AtomicLong workFiles = new AtomicLong();

  /** Works in a directory, whatever an earlier union left in it is removed. */
  Upper(Node work, Owner owner) throws IOException {
    this.work = work;
    this.owner = owner;
    for (Name name : names(work)) {
      discard(work, name);
    }
  }

  /** A directory that nobody sees, in the same tree. */
  Node work() {
    return work;
  }

  /** Whose the union's own files are. */
  Owner owner() {
    return owner;
  }

  /** A name that nothing in the work directory has. */
  Name workName() {
    return Name.ofLatin1("copy" + workFiles.incrementAndGet());
  }

  /** Whether a name is hidden here. */
  abstract boolean isHidden(Node directory, Name name) throws IOException;

  /** Hides a name that this branch has nothing of. */
  abstract void hide(Node directory, Name name) throws IOException;

  /**
   * Takes a file's name away and hides the name in one, as far as a crash can tell.
   *
   * @param isDirectory whether it is a directory; of its entries nothing shows
   */
  abstract void replaceByWhiteout(Node directory, Name name, boolean isDirectory)
      throws IOException;

  /** Makes a new file where its name may be hidden; a directory becomes opaque there. */
  abstract Node create(Node directory, Name name, Making making, boolean isDirectory)
      throws IOException;

  /**
   * Renames a file of this branch to where nothing shows, or to take the place of what shows.
   *
   * @param mode of the branch's own rename
   */
  abstract void rename(Node from, Name name, Node to, Name newName, RenameMode mode)
      throws IOException;

  /** Hides what directories below have under the names of this one. */
  abstract void makeOpaque(Node directory) throws IOException;

  /**
   * Keeps a file for its other names in a branch below.
   *
   * @param lowerInodeNr its number there
   */
  abstract void keepForOtherNames(Node file, long lowerInodeNr) throws IOException;

  /**
   * Takes {@link #keepForOtherNames} back.
   *
   * @param inodeNr its number here
   * @param lowerInodeNr its number in the branch below
   */
  abstract void letGoForOtherNames(long inodeNr, long lowerInodeNr) throws IOException;

  /** Makes a file under a name. */
  @FunctionalInterface
  interface Making {
    Node in(Node directory, Name name) throws IOException;
  }

  /** Removes a directory of which no entry shows; its whiteouts go with it. */
  void removeDirectory(Node directory, Name name) throws IOException {
    Name workName = workName();
    directory.rename(name, work, workName, RenameMode.REPLACE);
    discard(work, workName);
  }

  /** Removes a file and all that is in it. */
  final void discard(Node directory, Name name) throws IOException {
    Node file = directory.child(name);
    if (file == null) {
      return;
    }
    if (!file.attributes().isDirectory()) {
      directory.unlink(name);
      return;
    }
    for (Name entry : names(file)) {
      discard(file, entry);
    }
    directory.removeDirectory(name);
  }

  static List<Name> names(Node directory) throws IOException {
    List<Name> names = new ArrayList<>();
    directory.list(0, (name, inodeNr, type, nextCookie) -> names.add(name));
    return names;
  }

  /** A directory of the union's own, made where it is missing. */
  static Node ownDirectory(Node parent, Name name, Owner owner) throws IOException {
    Node there = parent.child(name);
    return there != null ? there : parent.create(name, NewFile.directory(0700, owner));
  }

  static Owner ownerOf(Node node) throws IOException {
    Attributes attributes = node.attributes();
    return new Owner(attributes.userId(), attributes.groupId());
  }
}
