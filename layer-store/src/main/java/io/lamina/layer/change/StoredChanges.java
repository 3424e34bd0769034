package io.lamina.layer.change;

import io.lamina.fs.Attributes;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads off a stored layer what it changed: for drivers that keep a layer's changes in a directory
 * of their own. Each directory is in the order of the names as stored.
 *
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/pkg/archive/changes.go">changes</a>
 */
public final class StoredChanges {
  private final Notation notation;
  private final boolean takesAll;
  private final List<Change> changes = new ArrayList<>();

  private StoredChanges(Notation notation, boolean takesAll) {
    this.notation = notation;
    this.takesAll = takesAll;
  }

  /**
   * What a layer changed.
   *
   * @param stored its directory
   * @param below what lies below it, united; null for nothing
   */
  public static List<Change> of(Node stored, @Nullable Node below, Notation notation)
      throws IOException {
    return read(new StoredChanges(notation, false), stored, below);
  }

  /** The same, with all that is stored, whatever docker thinks of it: what a tar of it has. */
  public static List<Change> all(Node stored, @Nullable Node below, Notation notation)
      throws IOException {
    return read(new StoredChanges(notation, true), stored, below);
  }

  private static List<Change> read(StoredChanges reading, Node stored, @Nullable Node below)
      throws IOException {
    reading.read(stored, below);
    return reading.changes;
  }

  /** A stored directory that is being read. */
  private static final class Directory {
    final Name path;
    final Node stored;
    final @Nullable Node below;
    final Deque<Name> names;
    final int changeCount;
    boolean isListed;

    Directory(Name path, Node stored, @Nullable Node below, boolean isListed, int changeCount)
        throws IOException {
      this.path = path;
      this.stored = stored;
      this.below = below;
      this.names = new ArrayDeque<>(Entries.names(stored));
      this.isListed = isListed;
      this.changeCount = changeCount;
    }
  }

  private void read(Node stored, @Nullable Node below) throws IOException {
    Deque<Directory> directories = new ArrayDeque<>();
    directories.push(new Directory(Name.of(""), stored, below, true, 0));
    while (!directories.isEmpty()) {
      Directory directory = directories.element();
      if (!directory.names.isEmpty()) {
        Directory inside = entry(directory, directory.names.remove());
        if (inside != null) {
          directories.push(inside);
        }
        continue;
      }
      directories.pop();
      addHidden(directory);
      if (notation.changesWithContent() && changes.size() > directory.changeCount) {
        list(directory);
      }
    }
  }

  /** One entry; gives it where it is a directory, to be gone into. */
  private @Nullable Directory entry(Directory directory, Name name) throws IOException {
    @Nullable Node file = directory.stored.child(name);
    if (file == null) {
      return null; // gone meanwhile
    }
    Attributes attributes = file.attributes();
    Notation.Meaning meaning = notation.meaning(directory.stored, name, attributes.type());
    if (meaning.deleted() != null) {
      add(directory, Change.Kind.DELETED, meaning.deleted());
      return null;
    }
    @Nullable Node before = meaning.isFile() ? Entries.child(directory.below, name) : null;
    boolean isListed = meaning.isFile() && (before == null || !isUntouched(before, file));
    int changeCount = changes.size();
    if (isListed) {
      add(directory, before == null ? Change.Kind.ADDED : Change.Kind.CHANGED, name);
    }
    return attributes.isDirectory()
        ? new Directory(Entries.path(directory.path, name), file, before, isListed, changeCount)
        : null;
  }

  private boolean isUntouched(Node before, Node after) throws IOException {
    if (takesAll) {
      return false;
    }
    if (notation.changesWithContent()) {
      return Entries.isSame(before, after);
    }
    Attributes a = before.attributes();
    Attributes b = after.attributes();
    return a.isDirectory()
        && b.isDirectory()
        && a.size() == b.size()
        && a.mode() == b.mode()
        && a.modificationTime().equals(b.modificationTime());
  }

  /** What an opaque directory hides, and has no file of its own for. */
  private void addHidden(Directory directory) throws IOException {
    if (directory.below == null
        || !directory.below.attributes().isDirectory()
        || !notation.isOpaque(directory.stored)) {
      return;
    }
    Set<Name> own = new HashSet<>(Entries.names(directory.stored));
    for (Name name : Entries.names(directory.below)) {
      if (!own.contains(name)) {
        add(directory, Change.Kind.DELETED, name);
      }
    }
  }

  /** A directory in which a name came or went has changed. */
  private void add(Directory directory, Change.Kind kind, Name name) {
    if (kind != Change.Kind.CHANGED) {
      list(directory);
    }
    changes.add(new Change(kind, Entries.path(directory.path, name)));
  }

  private void list(Directory directory) {
    if (!directory.isListed) {
      directory.isListed = true;
      changes.add(directory.changeCount, new Change(Change.Kind.CHANGED, directory.path));
    }
  }
}
