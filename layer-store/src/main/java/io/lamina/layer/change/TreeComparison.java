package io.lamina.layer.change;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Compares two trees, file by file, with docker's eyes: what docker does for drivers whose layers
 * are whole trees. Docker lists a directory's entries in no order, here they are sorted by their
 * bytes.
 *
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/pkg/archive/changes.go">addChanges</a>
 */
public final class TreeComparison {
  private final List<Change> changes = new ArrayList<>();
  private final LongPredicate mayDiffer;

  private TreeComparison(LongPredicate mayDiffer) {
    this.mayDiffer = mayDiffer;
  }

  /**
   * What differs.
   *
   * @param before root of the tree below; null for none
   * @param after root of the tree above
   */
  public static List<Change> changes(@Nullable Node before, Node after) throws IOException {
    return changes(before, after, inodeNr -> true);
  }

  /**
   * What differs between a tree and a later state of it, in which a file that is still the same has
   * its inode number kept.
   *
   * @param mayDiffer whether the inode of that number may have changed; of a directory whose has
   *     not, only those entries are looked at whose have, and directories
   */
  public static List<Change> changes(@Nullable Node before, Node after, LongPredicate mayDiffer)
      throws IOException {
    TreeComparison comparison = new TreeComparison(mayDiffer);
    comparison.compare(before, after);
    return comparison.changes;
  }

  /** A directory that is being compared. */
  private static final class Level {
    final Name path;
    final @Nullable Node before;
    final Node after;
    final boolean isListed;
    final int changeCount;
    final List<Name> names;
    int next;

    Level(
        Name path,
        @Nullable Node before,
        Node after,
        boolean isListed,
        int changeCount,
        Set<Name> names) {
      this.path = path;
      this.before = before;
      this.after = after;
      this.isListed = isListed;
      this.changeCount = changeCount;
      this.names = new ArrayList<>(names);
      this.names.sort(null);
    }
  }

  private void compare(@Nullable Node before, Node after) throws IOException {
    Deque<Level> levels = new ArrayDeque<>();
    levels.push(level(Name.of(""), before, after, true));
    while (!levels.isEmpty()) {
      Level level = levels.element();
      if (level.next < level.names.size()) {
        Level below = entry(level, level.names.get(level.next++));
        if (below != null) {
          levels.push(below);
        }
      } else {
        levels.pop();
        if (!level.isListed && changes.size() > level.changeCount) {
          changes.add(level.changeCount, new Change(Change.Kind.CHANGED, level.path));
        }
      }
    }
  }

  private Level level(Name path, @Nullable Node before, Node after, boolean isListed)
      throws IOException {
    boolean isKept = before != null && !mayDiffer.test(after.attributes().inodeNr());
    Set<Name> names = new HashSet<>();
    after.list(
        0,
        (name, inodeNr, type, nextCookie) -> {
          if (!isKept || type == FileType.DIRECTORY || mayDiffer.test(inodeNr)) {
            names.add(name);
          }
          return true;
        });
    if (before != null && !isKept) {
      names.addAll(Entries.names(before));
    }
    return new Level(path, before, after, isListed, changes.size(), names);
  }

  /** Compares one file; gives it where it is a directory, to be gone into. */
  private @Nullable Level entry(Level level, Name name) throws IOException {
    Node before = Entries.child(level.before, name);
    Node after = Entries.child(level.after, name);
    Name path = Entries.path(level.path, name);
    if (after == null) {
      changes.add(new Change(Change.Kind.DELETED, path));
      return null;
    }
    boolean isListed = before == null || !Entries.isSame(before, after);
    if (isListed) {
      changes.add(new Change(before == null ? Change.Kind.ADDED : Change.Kind.CHANGED, path));
    }
    if (!after.attributes().isDirectory()) {
      return null;
    }
    boolean both = before != null && before.attributes().isDirectory();
    return level(path, both ? before : null, after, isListed);
  }
}
