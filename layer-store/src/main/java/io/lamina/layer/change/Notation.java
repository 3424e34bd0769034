package io.lamina.layer.change;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** How a stored layer says what is gone. */
public interface Notation {
  /** What an entry of a stored directory means. */
  Meaning meaning(Node directory, Name entry, FileType type) throws IOException;

  /** Whether nothing shows through a stored directory from below. */
  boolean isOpaque(Node directory) throws IOException;

  /**
   * Whether a directory counts as changed when something in it did; else when docker's aufs driver
   * would take it so: when its size, mode or time is another, or a name in it came or went.
   */
  boolean changesWithContent();

  /**
   * A meaning.
   *
   * @param isFile whether it is a file of the layer
   * @param deleted the name that is gone; null where none
   */
  record Meaning(boolean isFile, @Nullable Name deleted) {
    /** An ordinary file. */
    public static final Meaning FILE = new Meaning(true, null);

    /** Something of the driver's own; a directory of that kind has files in it. */
    public static final Meaning MARKER = new Meaning(false, null);

    /** A whiteout of that name. */
    public static Meaning deleted(Name name) {
      return new Meaning(false, name);
    }
  }
}
