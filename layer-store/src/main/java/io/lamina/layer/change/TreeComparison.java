package io.lamina.layer.change;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private final Sameness sameness;

  private TreeComparison(LongPredicate mayDiffer, Sameness sameness) {
    this.mayDiffer = mayDiffer;
    this.sameness = sameness;
  }

  /** Whether two files of one name are taken for the same. */
  private interface Sameness {
    boolean holds(Node before, Node after) throws IOException;
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
   * @param mayDiffer whether the inode of that number may have changed; where it has not, a name
   *     that is still of that number is only looked at for what is in it
   */
  public static List<Change> changes(@Nullable Node before, Node after, LongPredicate mayDiffer)
      throws IOException {
    return changes(before, after, new TreeComparison(mayDiffer, Entries::isSame));
  }

  /**
   * The same, with what docker does not look at: times of directories, extended attributes. Two
   * trees between which nothing is found have the same tar.
   */
  public static List<Change> allChanges(@Nullable Node before, Node after, LongPredicate mayDiffer)
      throws IOException {
    return changes(before, after, new TreeComparison(mayDiffer, Entries::isIdentical));
  }

  private static List<Change> changes(@Nullable Node before, Node after, TreeComparison comparison)
      throws IOException {
    comparison.compare(before, after);
    return comparison.changes;
  }

  /**
   * An entry of a directory.
   *
   * @param inodeNr of a directory that has not changed itself; else 0
   */
  private record Entry(Name name, long inodeNr) implements Comparable<Entry> {
    static final long UNKNOWN = 0;

    @Override
    public int compareTo(Entry other) {
      return name.compareTo(other.name);
    }
  }

  /** A directory that is being compared. What lies below is looked up when it is asked for. */
  private static final class Level {
    final Name path;
    final @Nullable Level parent;
    final Name name;
    final Node after;
    final boolean isListed;
    final int changeCount;
    final long removalCount;
    final List<Entry> entries = new ArrayList<>();
    private @Nullable Node before;
    private boolean isBeforeKnown;
    int next;

    Level(@Nullable Level parent, Name name, Node after, boolean isListed, int changeCount) {
      this.parent = parent;
      this.name = name;
      this.path = parent == null ? Name.of("") : Entries.path(parent.path, name);
      this.after = after;
      this.isListed = isListed;
      this.changeCount = changeCount;
      this.removalCount = after.removalCount();
    }

    Level beside(@Nullable Node directory) {
      before = directory;
      isBeforeKnown = true;
      return this;
    }

    @Nullable Node before() throws IOException {
      if (!isBeforeKnown) {
        before = parent == null ? null : Entries.child(parent.before(), name);
        isBeforeKnown = true;
      }
      return before;
    }
  }

  private void compare(@Nullable Node before, Node after) throws IOException {
    Deque<Level> levels = new ArrayDeque<>();
    boolean isKept = before != null && !mayDiffer.test(after.attributes().inodeNr());
    Level root = new Level(null, Name.of(""), after, true, 0).beside(before);
    levels.push(filled(root, isKept));
    while (!levels.isEmpty()) {
      Level level = levels.element();
      if (level.next < level.entries.size()) {
        Level below = entry(level, level.entries.get(level.next++));
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

  /**
   * Notes which entries are to be compared: not those that are still of the same file, unless that
   * may have changed, but of them the directories.
   *
   * @param isKept whether the directory has the same names as before, of the same files
   */
  private Level filled(Level level, boolean isKept) throws IOException {
    @Nullable Node before = isKept ? null : level.before();
    Map<Name, Long> gone = before == null ? new HashMap<>() : Entries.inodeNrs(before);
    level.after.list(
        0,
        (name, inodeNr, type, nextCookie) -> {
          @Nullable Long was = gone.remove(name);
          boolean isSameFile = isKept || (was != null && was == inodeNr);
          if (!isSameFile || mayDiffer.test(inodeNr)) {
            level.entries.add(new Entry(name, Entry.UNKNOWN));
          } else if (type == FileType.DIRECTORY) {
            level.entries.add(new Entry(name, inodeNr));
          }
          return true;
        });
    gone.keySet().forEach(name -> level.entries.add(new Entry(name, Entry.UNKNOWN)));
    level.entries.sort(null);
    return level;
  }

  /** Compares one file; gives it where it is a directory, to be gone into. */
  private @Nullable Level entry(Level level, Entry entry) throws IOException {
    if (entry.inodeNr() != Entry.UNKNOWN) {
      @Nullable Node same =
          level.after.listedChild(entry.name(), entry.inodeNr(), level.removalCount);
      return same == null
          ? null
          : filled(new Level(level, entry.name(), same, false, changes.size()), true);
    }
    return compared(level, entry.name());
  }

  private @Nullable Level compared(Level level, Name name) throws IOException {
    @Nullable Node before = Entries.child(level.before(), name);
    @Nullable Node after = Entries.child(level.after, name);
    Name path = Entries.path(level.path, name);
    if (after == null) {
      changes.add(new Change(Change.Kind.DELETED, path));
      return null;
    }
    boolean isListed = before == null || !sameness.holds(before, after);
    if (isListed) {
      changes.add(new Change(before == null ? Change.Kind.ADDED : Change.Kind.CHANGED, path));
    }
    if (!after.attributes().isDirectory()) {
      return null;
    }
    boolean both = before != null && before.attributes().isDirectory();
    boolean isKept = both && !mayDiffer.test(after.attributes().inodeNr());
    Level below = new Level(level, name, after, isListed, changes.size());
    return filled(below.beside(both ? before : null), isKept);
  }
}
