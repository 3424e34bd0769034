package io.lamina.layer.archive;

import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The directory that the last members lay in, as the next ones mostly lie there too. */
final class LastDirectory {
  private @Nullable List<Name> names;
  private @Nullable Node directory;

  /** The directory at a path, null where it is not the last one. */
  @Nullable Node at(EntryPath path) {
    return path.names().equals(names) ? directory : null;
  }

  /** Another directory has members now. */
  void set(EntryPath path, Node next) {
    names = List.copyOf(path.names());
    directory = next;
  }

  /** Something is taken away that may be the directory, or hold it. */
  void forget() {
    names = null;
    directory = null;
  }
}
