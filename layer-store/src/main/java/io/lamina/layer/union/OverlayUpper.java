package io.lamina.layer.union;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import java.io.IOException;
import java.util.Objects;

/** What overlayfs makes of files it hides. */
final class OverlayUpper extends Upper {
  private final OverlayRules rules;

  /**
   * Opens a branch.
   *
   * @param workDirectory what overlay calls so; files are made in {@code work} below it
   */
  OverlayUpper(Node root, Node workDirectory, OverlayRules rules) throws IOException {
    super(ownDirectory(workDirectory, Name.ofLatin1("work"), ownerOf(root)), ownerOf(root));
    this.rules = rules;
  }

  @Override
  boolean isHidden(Node directory, Name name) throws IOException {
    Node file = directory.child(name);
    return file != null && rules.isWhiteout(directory, file);
  }

  @Override
  void hide(Node directory, Name name) throws IOException {
    if (directory.child(name) == null) {
      makeWhiteout(directory, name);
    }
  }

  private void makeWhiteout(Node directory, Name name) throws IOException {
    directory.create(name, new NewFile(FileType.CHARACTER_DEVICE, 0, 0, owner(), 0, 0));
  }

  @Override
  void replaceByWhiteout(Node directory, Name name, boolean isDirectory) throws IOException {
    Name workName = workName();
    makeWhiteout(work(), workName);
    moveOver(workName, directory, name, isDirectory);
  }

  @Override
  Node create(Node directory, Name name, Making making, boolean isDirectory) throws IOException {
    if (!isHidden(directory, name)) {
      return making.in(directory, name);
    }
    Name workName = workName();
    Node made = making.in(work(), workName);
    try {
      inherit(directory, made, isDirectory);
      if (isDirectory) {
        makeOpaque(made);
      }
    } catch (IOException e) {
      discard(work(), workName);
      throw e;
    }
    moveOver(workName, directory, name, isDirectory);
    return Objects.requireNonNull(directory.child(name));
  }

  /** What a file gets from the directory that it is made in. */
  private static void inherit(Node directory, Node made, boolean isDirectory) throws IOException {
    Attributes parent = directory.attributes();
    if ((parent.permissions() & 02000) == 0) {
      return;
    }
    Attributes own = made.attributes();
    int bits = isDirectory ? 02000 : 0;
    made.change(
        AttributeChange.NONE
            .withOwner(new Owner(own.userId(), parent.groupId()))
            .withPermissions(own.permissions() | bits));
  }

  /** What takes a name's place where it can; where not, nothing of it stays. */
  private void moveOver(Name workName, Node to, Name newName, boolean isDirectory)
      throws IOException {
    try {
      work().rename(workName, to, newName, isDirectory ? RenameMode.EXCHANGE : RenameMode.REPLACE);
    } catch (IOException e) {
      discard(work(), workName);
      throw e;
    }
    if (isDirectory) {
      discard(work(), workName);
    }
  }

  @Override
  void rename(Node from, Name name, Node to, Name newName, RenameMode mode) throws IOException {
    Node moved = from.child(name);
    boolean overWhiteout = mode != RenameMode.EXCHANGE && isHidden(to, newName);
    boolean isDirectory = moved != null && moved.attributes().isDirectory();
    if (!overWhiteout) {
      from.rename(name, to, newName, mode);
    } else if (!isDirectory) {
      from.rename(name, to, newName, RenameMode.REPLACE);
    } else {
      from.rename(name, to, newName, RenameMode.EXCHANGE);
      from.unlink(name);
    }
  }

  @Override
  void makeOpaque(Node directory) throws IOException {
    rules.markOpaque(directory);
  }

  @Override
  void keepForOtherNames(Node file, long lowerInodeNr) {
    throw new IllegalStateException("overlay gives each name a file of its own");
  }

  @Override
  void letGoForOtherNames(long inodeNr, long lowerInodeNr) {
    throw new IllegalStateException("overlay gives each name a file of its own");
  }
}
