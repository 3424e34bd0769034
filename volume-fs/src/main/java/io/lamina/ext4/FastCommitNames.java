package io.lamina.ext4;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the names that fast commits added and took away mean for the files that had them. */
final class FastCommitNames {
  private final Files before;
  private final Changes changes;
  private final Map<Long, Integer> gained = new HashMap<>();
  private final Map<Long, Integer> gainedDirectories = new HashMap<>();
  private final Map<Long, Long> parentNrs = new HashMap<>();

  FastCommitNames(Files before, Files after, Changes changes) throws IOException {
    this.before = before;
    this.changes = changes;
    for (long directoryNr : changes.directoryNrs()) {
      ChangedDirectory changed = changes.directoryToChange(directoryNr);
      for (Map.Entry<Name, Long> entry : changed.names().entrySet()) {
        long was = changed.isNew() ? Directory.NOT_FOUND : stored(directoryNr, entry.getKey());
        count(before, directoryNr, was, -1);
        count(after, directoryNr, entry.getValue(), 1);
      }
    }
  }

  private long stored(long directoryNr, Name name) throws IOException {
    Inode directory = before.inodes().inode(directoryNr);
    if (directory.type() != FileType.DIRECTORY) {
      throw directory.site().damage("i_mode", "a directory", directory.type().toString());
    }
    return Directory.of(before.volume(), directory).lookup(name);
  }

  private void count(Files files, long directoryNr, long inodeNr, int by) throws IOException {
    if (inodeNr == Directory.NOT_FOUND) {
      return;
    }
    gained.merge(inodeNr, by, Integer::sum);
    if (files.inodes().inode(inodeNr).type() == FileType.DIRECTORY) {
      gainedDirectories.merge(directoryNr, by, Integer::sum);
      if (by > 0) {
        parentNrs.put(inodeNr, directoryNr);
      }
    }
  }

  /** All files that gained or lost a name, and the directories of those names. */
  Set<Long> touchedNrs() {
    Set<Long> inodeNrs = new TreeSet<>(changes.directoryNrs());
    inodeNrs.addAll(gained.keySet());
    return inodeNrs;
  }

  /** How many names a file gained; negative where it lost some. */
  int gained(long inodeNr) {
    return gained.getOrDefault(inodeNr, 0);
  }

  /** How many directories a directory gained. */
  int gainedDirectories(long directoryNr) {
    return gainedDirectories.getOrDefault(directoryNr, 0);
  }

  /** The directory that a new one is named in, null where its name is gone again. */
  @Nullable Long parentNr(long inodeNr) {
    return parentNrs.get(inodeNr);
  }
}
