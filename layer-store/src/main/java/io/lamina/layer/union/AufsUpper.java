package io.lamina.layer.union;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.RenameMode;
import java.io.IOException;

/** What aufs keeps beside the files. */
final class AufsUpper extends Upper {
  private static final int WHITEOUT_PERMISSIONS = 0444;

  private final Node root;
  private final Node pseudoLinks;
  private Node base;

  /** Opens a branch; its work directory is the one for orphans. */
  AufsUpper(Node root) throws IOException {
    super(ownDirectory(root, Whiteouts.ORPHANS, ownerOf(root)), ownerOf(root));
    this.root = root;
    this.pseudoLinks = ownDirectory(root, Whiteouts.PSEUDO_LINKS, owner());
    Node there = root.child(Whiteouts.BASE);
    for (Name name : names(pseudoLinks)) {
      discard(pseudoLinks, name); // an earlier union's: its other names show what lies below again
    }
    this.base = there != null ? there : makeBase();
  }

  private Node makeBase() throws IOException {
    Name workName = workName();
    Node made = work().create(workName, NewFile.regular(WHITEOUT_PERMISSIONS, owner()));
    try {
      work().rename(workName, root, Whiteouts.BASE, RenameMode.REPLACE);
    } catch (IOException e) {
      discard(work(), workName);
      throw e;
    }
    return made;
  }

  @Override
  boolean isHidden(Node directory, Name name) throws IOException {
    return directory.child(Whiteouts.of(name)) != null;
  }

  @Override
  void hide(Node directory, Name name) throws IOException {
    mark(directory, Whiteouts.of(name));
  }

  @Override
  void makeOpaque(Node directory) throws IOException {
    mark(directory, Whiteouts.OPAQUE);
  }

  private synchronized void mark(Node directory, Name mark) throws IOException {
    if (directory.child(mark) != null) {
      return;
    }
    try {
      directory.link(mark, base);
    } catch (FsException e) {
      if (e.errno() != Errno.EMLINK) {
        throw e;
      }
      base = makeBase();
      directory.link(mark, base);
    }
  }

  private void unhide(Node directory, Name name) throws IOException {
    if (isHidden(directory, name)) {
      directory.unlink(Whiteouts.of(name));
    }
  }

  @Override
  void replaceByWhiteout(Node directory, Name name, boolean isDirectory) throws IOException {
    hide(directory, name);
    try {
      if (isDirectory) {
        removeDirectory(directory, name);
      } else {
        directory.unlink(name);
      }
    } catch (IOException e) {
      if (directory.child(name) != null) {
        unhide(directory, name); // it stays, and is to be seen
      }
      throw e;
    }
  }

  /** Until the whiteout goes, in the last step, the file is hidden by it. */
  @Override
  Node create(Node directory, Name name, Making making, boolean isDirectory) throws IOException {
    boolean wasHidden = isHidden(directory, name);
    if (wasHidden) {
      discard(directory, name); // half made, when a union was cut off
    }
    Node made = making.in(directory, name);
    if (wasHidden) {
      if (isDirectory) {
        makeOpaque(made);
      }
      unhide(directory, name);
    }
    return made;
  }

  @Override
  void rename(Node from, Name name, Node to, Name newName, RenameMode mode) throws IOException {
    from.rename(name, to, newName, mode);
    unhide(to, newName);
  }

  @Override
  void keepForOtherNames(Node file, long lowerInodeNr) throws IOException {
    Name name = pseudoLink(file.attributes().inodeNr(), lowerInodeNr);
    discard(pseudoLinks, name);
    pseudoLinks.link(name, file);
  }

  private static Name pseudoLink(long inodeNr, long lowerInodeNr) {
    return Name.ofLatin1(lowerInodeNr + "." + inodeNr);
  }

  @Override
  void letGoForOtherNames(long inodeNr, long lowerInodeNr) throws IOException {
    discard(pseudoLinks, pseudoLink(inodeNr, lowerInodeNr));
  }
}
