package io.lamina.layer.union;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Changes names of a union, in the upper branch alone. */
final class UnionChanges {
  private static final int UPPER = 0;

  private final UnionTree tree;
  private final RuleSet rules;
  private final Upper upper;
  private final CopyUp copyUp;

  UnionChanges(UnionTree tree, Upper upper) {
    this.tree = tree;
    this.rules = tree.rules();
    this.upper = upper;
    this.copyUp = new CopyUp(rules, upper);
  }

  /** Makes a file where nothing shows. */
  UnionNode create(UnionDirectory directory, Name name, Upper.Making making, boolean isDirectory)
      throws IOException {
    return alone(
        () -> {
          requireFree(directory, name);
          Node here = inUpper(directory);
          Node made = changing(() -> upper.create(here, name, making, isDirectory), directory);
          UnionNode node = shown(directory, name, made);
          if (node instanceof UnionDirectory empty) {
            tree.entries().put(empty, new MergedEntries(empty.stack()));
          }
          return node;
        });
  }

  private static void requireFree(UnionDirectory directory, Name name) throws IOException {
    directory.requireAlive();
    if (directory.look(name) != null) {
      throw new FsException(Errno.EEXIST, name.toString());
    }
  }

  WritableFile createUnnamed(UnionDirectory directory, NewFile file) throws IOException {
    return alone(
        () -> {
          directory.requireAlive();
          try (WritableFile made = inUpper(directory).createUnnamed(file)) {
            Attributes attributes = made.node().attributes();
            tree.forgetNumber(attributes.inodeNr());
            UnionFile node = tree.unnamed(new BranchNode(UPPER, made.node()), attributes);
            return new UnionOpenFile(node, true);
          }
        });
  }

  /** Gives a file one more name. */
  void link(UnionDirectory directory, Name name, UnionFile file) throws IOException {
    alone(
        () -> {
          requireFree(directory, name);
          return directory;
        });
    file.makeUpperForLink();
    alone(
        () -> {
          requireFree(directory, name);
          if (file.isGone()) {
            throw new FsException(Errno.ENOENT, "a file without a name");
          }
          Node node = file.top().node();
          Upper.Making making =
              (where, as) -> {
                where.link(as, node);
                return node;
              };
          Node here = inUpper(directory);
          changing(() -> upper.create(here, name, making, false), directory);
          tree.remember(file);
          file.nameGained(directory, name);
          show(directory, name, file, node.attributes().inodeNr());
          return file;
        });
  }

  /** Takes away the name of a file that is no directory. */
  void unlink(UnionDirectory directory, Name name) throws IOException {
    alone(
        () -> {
          directory.requireAlive();
          UnionFile file = asFile(directory.look(name), name);
          Attributes attributes = file.top().node().attributes();
          remove(directory, name, false);
          nameLost(file, directory, name, attributes);
          return file;
        });
  }

  /**
   * A file has one name less.
   *
   * @param before its own attributes until then
   */
  private void nameLost(UnionFile file, UnionDirectory directory, Name name, Attributes before) {
    if (!file.isUpper() && before.linkCount() > 1 && rules.keepsHardLinks()) {
      tree.keep(file.top(), file);
    }
    file.nameLost(directory, name, before.linkCount());
    if (!file.isGone()) {
      return;
    }
    tree.letGo(file);
    if (file.isUpper()) {
      tree.forgetNumber(before.inodeNr());
      tree.forget(file);
    }
  }

  /** Takes away a directory that looks empty. */
  void removeDirectory(UnionDirectory directory, Name name) throws IOException {
    alone(
        () -> {
          directory.requireAlive();
          UnionDirectory removed = asDirectory(directory.look(name), name);
          requireEmpty(removed, name);
          Attributes attributes = removed.top().node().attributes();
          remove(directory, name, true);
          forgetDirectory(removed, attributes);
          return removed;
        });
  }

  /**
   * A directory is gone.
   *
   * @param before its own attributes until then
   */
  private void forgetDirectory(UnionDirectory removed, Attributes before) {
    if (tree.isUpper(removed.top())) {
      tree.forgetNumber(before.inodeNr());
    }
    tree.forget(removed);
    tree.entries().invalidate(removed);
    removed.setGone();
  }

  private static UnionFile asFile(@Nullable UnionNode node, Name name) throws FsException {
    if (node instanceof UnionFile file) {
      return file;
    }
    throw new FsException(node == null ? Errno.ENOENT : Errno.EISDIR, name.toString());
  }

  private static UnionDirectory asDirectory(@Nullable UnionNode node, Name name)
      throws FsException {
    if (node instanceof UnionDirectory directory) {
      return directory;
    }
    throw new FsException(node == null ? Errno.ENOENT : Errno.ENOTDIR, name.toString());
  }

  private static void requireEmpty(UnionDirectory directory, Name name) throws IOException {
    if (!directory.entries().isEmpty()) {
      throw new FsException(Errno.ENOTEMPTY, name.toString());
    }
  }

  /** Removes what the upper branch has of a name, and hides what the others have. */
  private void remove(UnionDirectory directory, Name name, boolean isDirectory) throws IOException {
    boolean isBelow = showsBelow(directory, name);
    boolean isHere = inUpperAt(directory, name) != null;
    Node here = inUpper(directory);
    changing(
        () -> {
          if (isHere && isBelow) {
            upper.replaceByWhiteout(here, name, isDirectory);
          } else if (isHere && isDirectory) {
            upper.removeDirectory(here, name);
          } else if (isHere) {
            here.unlink(name);
          } else {
            upper.hide(here, name);
          }
          return here;
        },
        directory);
    unshown(directory, name);
  }

  /**
   * Changes names in the upper branch. What is remembered of their directories stays as good as it
   * was; where that fails, it is forgotten, for it may have failed between two steps.
   */
  private <T> T changing(Change<T> change, UnionDirectory... directories) throws IOException {
    List<UnionDirectory> known = Stream.of(directories).filter(this::isAsRemembered).toList();
    try {
      T done = change.run();
      for (UnionDirectory directory : known) {
        MergedEntries entries = tree.entries().getIfPresent(directory);
        if (entries != null) {
          entries.setRemovalCount(UPPER, directory.top().node().removalCount());
        }
      }
      return done;
    } catch (IOException e) {
      for (UnionDirectory directory : directories) {
        tree.entries().invalidate(directory);
      }
      throw e;
    }
  }

  /** Whether nobody else has changed the upper branch's directory since it was listed. */
  private boolean isAsRemembered(UnionDirectory directory) {
    MergedEntries entries = tree.entries().getIfPresent(directory);
    if (entries == null || !tree.isUpper(directory.top())) {
      return false;
    }
    long count = entries.removalCount(UPPER);
    return count == MergedEntries.UNCOUNTED || count == directory.top().node().removalCount();
  }

  /** Whether a name would show if the upper branch said nothing about it. */
  private boolean showsBelow(UnionDirectory directory, Name name) throws IOException {
    List<BranchNode> lower = directory.lowerStack();
    return !lower.isEmpty() && tree.merge().find(lower, name) != null;
  }

  /** What the upper branch itself shows under a name. */
  private @Nullable Node inUpperAt(UnionDirectory directory, Name name) throws IOException {
    BranchNode top = directory.top();
    return tree.isUpper(top) ? rules.ask(tree.branch(UPPER), top.node(), name).file() : null;
  }

  /** All that {@code renameat2} does. */
  void rename(UnionDirectory from, Name name, UnionDirectory to, Name newName, RenameMode mode)
      throws IOException {
    Optional<UnionFile> below = alone(() -> tryRename(from, name, to, newName, mode));
    while (below.isPresent()) {
      below.get().makeUpper();
      below = alone(() -> tryRename(from, name, to, newName, mode));
    }
  }

  /** Renames, or gives the file that must be copied up before, which is not done with the lock. */
  private Optional<UnionFile> tryRename(
      UnionDirectory from, Name name, UnionDirectory to, Name newName, RenameMode mode)
      throws IOException {
    from.requireAlive();
    UnionNode moved = from.look(name);
    if (moved == null) {
      throw new FsException(Errno.ENOENT, name.toString());
    }
    to.requireAlive();
    UnionNode replaced = to.look(newName);
    if (moved == replaced && mode != RenameMode.NO_REPLACE) {
      return Optional.empty(); // POSIX: two names of one file both stay
    }
    requireRenamable(moved, from, replaced, to, newName, mode);
    if (isBelow(moved, from, name)) {
      return Optional.of((UnionFile) moved);
    }
    if (replaced != null && mode == RenameMode.EXCHANGE) {
      if (isBelow(replaced, to, newName)) {
        return Optional.of((UnionFile) replaced);
      }
      exchange(moved, from, name, replaced, to, newName);
    } else {
      replace(moved, from, name, replaced, to, newName);
    }
    return Optional.empty();
  }

  private boolean isBelow(UnionNode node, UnionDirectory directory, Name name) throws IOException {
    if (!(node instanceof UnionFile file)) {
      return false;
    }
    file.findContent();
    return !file.isUpper() || inUpperAt(directory, name) == null;
  }

  private void requireRenamable(
      UnionNode moved,
      UnionDirectory from,
      @Nullable UnionNode replaced,
      UnionDirectory to,
      Name newName,
      RenameMode mode)
      throws IOException {
    if (replaced == null && mode == RenameMode.EXCHANGE) {
      throw new FsException(Errno.ENOENT, newName.toString());
    }
    if (replaced != null && mode == RenameMode.NO_REPLACE) {
      throw new FsException(Errno.EEXIST, newName.toString());
    }
    if (moved instanceof UnionDirectory directory && to.isWithin(directory)) {
      throw new FsException(Errno.EINVAL, "a directory below itself");
    }
    if (mode == RenameMode.EXCHANGE) {
      if (replaced instanceof UnionDirectory directory) {
        if (from.isWithin(directory)) {
          throw new FsException(Errno.EINVAL, "a directory below itself");
        }
        requireMovable(directory);
      }
    } else if (replaced instanceof UnionDirectory directory && from.isWithin(directory)) {
      throw new FsException(Errno.ENOTEMPTY, newName.toString());
    } else if (replaced != null) {
      requireReplaceable(moved, replaced, newName);
    }
    if (moved instanceof UnionDirectory directory) {
      requireMovable(directory);
    }
  }

  private void requireReplaceable(UnionNode moved, UnionNode replaced, Name newName)
      throws IOException {
    if (replaced instanceof UnionDirectory directory) {
      if (!(moved instanceof UnionDirectory)) {
        throw new FsException(Errno.EISDIR, newName.toString());
      }
      if (moved instanceof UnionDirectory source && !rules.movesEmptyDirectories()) {
        requireMovable(source); // the first that overlay asks
      }
      requireEmpty(directory, newName);
    } else if (moved instanceof UnionDirectory) {
      throw new FsException(Errno.ENOTDIR, newName.toString());
    }
  }

  /** What lies in lower branches cannot be moved with a directory: EXDEV, and it is copied. */
  private void requireMovable(UnionDirectory directory) throws IOException {
    List<BranchNode> lower = directory.lowerStack();
    if (lower.isEmpty()) {
      return;
    }
    if (!rules.movesEmptyDirectories()) {
      throw new FsException(Errno.EXDEV, "a directory of a lower branch");
    }
    BranchNode top = directory.top();
    List<Name> below = tree.merge().all(lower, tree::inodeNr).names();
    for (Name name : below) {
      if (!tree.isUpper(top) || !upper.isHidden(top.node(), name)) {
        throw new FsException(Errno.EXDEV, name + " lies in a lower branch");
      }
    }
  }

  private void replace(
      UnionNode moved,
      UnionDirectory from,
      Name name,
      @Nullable UnionNode replaced,
      UnionDirectory to,
      Name newName)
      throws IOException {
    boolean isBelow = showsBelow(from, name);
    boolean isBelowNew = showsBelow(to, newName);
    Node fromUpper = inUpper(from);
    Node toUpper = inUpper(to);
    boolean directoryInTheWay =
        replaced instanceof UnionDirectory && inUpperAt(to, newName) != null;
    if (moved instanceof UnionDirectory directory) {
      Node movedUpper = inUpper(directory);
      if (isBelowNew || upper.isHidden(toUpper, newName)) {
        upper.makeOpaque(movedUpper);
      }
    }
    Attributes lost = replaced == null ? null : replaced.top().node().attributes();
    // No step may uncover what the whiteouts of a replaced directory hide.
    RenameMode mode = directoryInTheWay ? RenameMode.EXCHANGE : RenameMode.REPLACE;
    changing(
        () -> {
          upper.rename(fromUpper, name, toUpper, newName, mode);
          return moved;
        },
        from,
        to);
    if (replaced instanceof UnionFile file && lost != null) {
      nameLost(file, to, newName, lost);
    } else if (replaced instanceof UnionDirectory directory && lost != null) {
      forgetDirectory(directory, lost);
    }
    unshown(from, name);
    renamed(moved, from, name, to, newName);
    changing(
        () -> {
          if (directoryInTheWay && isBelow) {
            upper.replaceByWhiteout(fromUpper, name, true);
          } else if (directoryInTheWay) {
            upper.removeDirectory(fromUpper, name);
          } else if (isBelow) {
            upper.hide(fromUpper, name);
          }
          return moved;
        },
        from);
  }

  private void exchange(
      UnionNode moved,
      UnionDirectory from,
      Name name,
      UnionNode other,
      UnionDirectory to,
      Name newName)
      throws IOException {
    makeOpaqueOver(moved, to, newName);
    makeOpaqueOver(other, from, name);
    Node fromUpper = inUpper(from);
    Node toUpper = inUpper(to);
    changing(
        () -> {
          upper.rename(fromUpper, name, toUpper, newName, RenameMode.EXCHANGE);
          return moved;
        },
        from,
        to);
    renamed(moved, from, name, to, newName);
    renamed(other, to, newName, from, name);
  }

  private void makeOpaqueOver(UnionNode node, UnionDirectory to, Name newName) throws IOException {
    if (node instanceof UnionDirectory directory) {
      Node directoryUpper = inUpper(directory);
      if (showsBelow(to, newName)) {
        upper.makeOpaque(directoryUpper);
      }
    }
  }

  private void renamed(
      UnionNode node, UnionDirectory from, Name name, UnionDirectory to, Name newName)
      throws IOException {
    if (node instanceof UnionFile file) {
      file.removePlace(from, name);
      file.addPlace(to, newName);
    } else if (node instanceof UnionDirectory directory) {
      directory.movedTo(to, newName);
      tree.entries().invalidate(directory);
    }
    tree.remember(node);
    show(to, newName, node, node.top().node().attributes().inodeNr());
  }

  /** Copies a file up, under the name it is known by, or as one without a name. */
  void copyUp(UnionFile file, long sizeLimit, boolean forLink) throws IOException {
    BranchNode lower = file.top();
    if (file.isGone() && file.type() == FileType.REGULAR) {
      try (WritableFile copy = copyUp.copyUnnamed(lower.node(), file.content(), sizeLimit)) {
        file.movedUp(new BranchNode(UPPER, copy.node()), UnionFile.UNKNOWN);
      }
      return;
    }
    Name workName = upper.workName();
    Node copy = copyUp.copy(lower.node(), file.content(), workName, sizeLimit);
    try {
      alone(() -> publish(file, lower, copy, workName, forLink));
    } catch (IOException e) {
      upper.discard(upper.work(), workName);
      throw e;
    }
  }

  private UnionFile publish(
      UnionFile file, BranchNode lower, Node copy, Name workName, boolean forLink)
      throws IOException {
    Attributes attributes = lower.node().attributes();
    long copyInodeNr = copy.attributes().inodeNr();
    boolean keeps =
        rules.keepsHardLinks() && !file.isGone() && (attributes.linkCount() > 1 || forLink);
    if (keeps) {
      upper.keepForOtherNames(copy, attributes.inodeNr());
    }
    List<UnionFile.Place> places = file.places();
    try {
      if (!places.isEmpty()) {
        UnionFile.Place place = places.get(0);
        Node directory = inUpper(place.directory());
        changing(
            () -> {
              upper.rename(upper.work(), workName, directory, place.name(), RenameMode.REPLACE);
              return directory;
            },
            place.directory());
      }
    } catch (IOException e) {
      if (keeps) {
        upper.letGoForOtherNames(copyInodeNr, attributes.inodeNr());
      }
      throw e;
    }
    if (keeps) {
      tree.keep(lower, file);
    }
    BranchNode copied = new BranchNode(UPPER, copy);
    file.movedUp(copied, keeps ? attributes.linkCount() : UnionFile.UNKNOWN);
    if (places.isEmpty()) {
      upper.discard(upper.work(), workName);
      return file;
    }
    UnionFile.Place place = places.get(0);
    if (keeps || attributes.linkCount() == 1) {
      tree.renumber(copyInodeNr, file);
    } else { // the number stays with the other names of what is another file from now on
      tree.forgetNumber(copyInodeNr);
      file.setInodeNr(tree.inodeNr(UPPER, copyInodeNr));
    }
    tree.remember(file);
    show(place.directory(), place.name(), file, copyInodeNr);
    return file;
  }

  /** Gives a pseudo-link in the upper branch all the names that it is known by. */
  void nameInUpper(UnionFile file) throws IOException {
    alone(
        () -> {
          Node node = file.top().node();
          for (UnionFile.Place place : file.places()) {
            if (inUpperAt(place.directory(), place.name()) == null) {
              Node directory = inUpper(place.directory());
              changing(
                  () -> {
                    directory.link(place.name(), node);
                    return directory;
                  },
                  place.directory());
              show(place.directory(), place.name(), file, node.attributes().inodeNr());
            }
          }
          file.setNamed();
          return file;
        });
  }

  /** Has a directory in the upper branch. */
  Node directoryInUpper(UnionDirectory directory) throws IOException {
    return alone(() -> inUpper(directory));
  }

  private Node inUpper(UnionDirectory directory) throws IOException {
    BranchNode top = directory.top();
    if (tree.isUpper(top)) {
      return top.node();
    }
    directory.requireAlive();
    UnionDirectory parent = directory.parent();
    if (parent == null) {
      throw new IllegalStateException("the root is in every branch");
    }
    Node above = inUpper(parent);
    Name workName = upper.workName();
    Node copy = copyUp.copy(top.node(), workName);
    try {
      changing(
          () -> {
            upper.rename(upper.work(), workName, above, directory.name(), RenameMode.REPLACE);
            return above;
          },
          parent);
    } catch (IOException e) {
      upper.discard(upper.work(), workName);
      throw e;
    }
    long copyInodeNr = copy.attributes().inodeNr();
    directory.movedUp(new BranchNode(UPPER, copy));
    tree.renumber(copyInodeNr, directory);
    tree.remember(directory);
    show(parent, directory.name(), directory, copyInodeNr);
    return copy;
  }

  private UnionNode shown(UnionDirectory directory, Name name, Node made) throws IOException {
    Attributes attributes = made.attributes();
    tree.forgetNumber(attributes.inodeNr());
    BranchNode top = new BranchNode(UPPER, made);
    Merged merged = new Merged(List.of(top), attributes.type(), attributes.inodeNr());
    UnionNode node = tree.node(directory, name, merged);
    show(directory, name, node, attributes.inodeNr());
    return node;
  }

  private void show(UnionDirectory directory, Name name, UnionNode node, long topInodeNr) {
    MergedEntries known = tree.entries().getIfPresent(directory);
    if (known != null) {
      known.put(
          new MergedEntries.Entry(name, node.type(), node.inodeNr(), topInodeNr, node.branchNrs()));
      if (Integer.bitCount(known.count()) == 1) {
        tree.entries().put(directory, known); // weighed again whenever it has doubled
      }
    }
  }

  private void unshown(UnionDirectory directory, Name name) {
    MergedEntries known = tree.entries().getIfPresent(directory);
    if (known != null) {
      known.remove(name);
    }
  }

  private <T> T alone(Change<T> change) throws IOException {
    Lock lock = tree.writeLock();
    lock.lock();
    try {
      return change.run();
    } finally {
      lock.unlock();
    }
  }

  private interface Change<T> {
    T run() throws IOException;
  }
}
