package io.lamina.fs;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Takes away a file with all that lies below it, as {@code rm -r} does. */
public final class Removal {
  private Removal() {}

  /** A directory that is being emptied, and its name in the one before. */
  private record Level(Node parent, Name name, Node directory, Deque<Name> left) {}

  /**
   * Removes what a directory's entry names. What has been removed before an error stays removed.
   *
   * @throws FsException ENOENT when there is no such name
   */
  public static void remove(Node directory, Name name) throws IOException {
    Node file = directory.child(name);
    if (file == null) {
      throw new FsException(Errno.ENOENT, name.toString());
    }
    if (!file.attributes().isDirectory()) {
      directory.unlink(name);
      return;
    }
    Deque<Level> levels = new ArrayDeque<>();
    levels.push(new Level(directory, name, file, names(file)));
    while (!levels.isEmpty()) {
      Level level = levels.element();
      Name next = level.left.poll();
      if (next == null) {
        level.parent.removeDirectory(level.name);
        levels.pop();
        continue;
      }
      Node child = level.directory.child(next);
      if (child == null) {
        continue; // went away meanwhile
      }
      if (child.attributes().isDirectory()) {
        levels.push(new Level(level.directory, next, child, names(child)));
      } else {
        level.directory.unlink(next);
      }
    }
  }

  private static Deque<Name> names(Node directory) throws IOException {
    List<Name> names = new ArrayList<>();
    directory.list(0, (name, inodeNr, type, next) -> names.add(name));
    return new ArrayDeque<>(names);
  }
}
