package io.lamina.layer.union;

import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** How a branch's directory tells what it hides in those below: what aufs and overlay differ in. */
abstract class RuleSet {
  /** Longest name that the union takes. */
  abstract int nameMaxBytes(int branchNameMaxBytes);

  /**
   * Refuses names that the union cannot have.
   *
   * @throws FsException EPERM, ENAMETOOLONG
   */
  abstract void check(Name name) throws FsException;

  /** What one branch's directory says about a name. */
  abstract Answer ask(Branch branch, Node directory, Name name) throws IOException;

  /** What an entry of one branch's directory means. */
  abstract Meaning meaning(Branch branch, Node directory, Name name, FileType type)
      throws IOException;

  /** Whether a branch's directory hides the directories of its name below. */
  abstract boolean isOpaque(Branch branch, Node directory) throws IOException;

  /** Whether what is no directory hides the directories of its name below a directory above it. */
  abstract boolean endsAtNonDirectory();

  /** Whether a file stays one file for all its names when one of them is written to. */
  abstract boolean keepsHardLinks();

  /** Whether a directory that lies in lower branches too can be renamed when it is empty there. */
  abstract boolean movesEmptyDirectories();

  /** Whether an extended attribute is the union's own and not shown. */
  abstract boolean isPrivate(Name xattr);

  /** Whether a branch's file has only attributes, and the one below it of its name the content. */
  abstract boolean isMetadataOnly(Node file) throws IOException;

  /** Whether the directories below a directory of a branch always have its name. */
  abstract boolean keepsNamesBelow();

  /**
   * Where the directories below a directory of a branch lie, or the content of a file that has
   * none.
   *
   * @return a name in the same directory, or a path from the root; null where they have its own
   *     name
   */
  abstract @Nullable Name redirect(Node file) throws IOException;

  /**
   * An answer about one name.
   *
   * @param file what the branch has of that name; null where nothing, or only a whiteout
   * @param hidesBelow whether there is a whiteout
   */
  record Answer(@Nullable Node file, boolean hidesBelow) {
    static final Answer NOTHING = new Answer(null, false);
    static final Answer WHITEOUT = new Answer(null, true);
  }

  /**
   * The meaning of one entry.
   *
   * @param shown the name it shows; null where none
   * @param hidden the name it hides, in its own branch and below; null where none
   * @param isUnclear whether asking for the hidden name gives EIO
   */
  record Meaning(@Nullable Name shown, @Nullable Name hidden, boolean isUnclear) {
    static final Meaning NOTHING = new Meaning(null, null, false);

    static Meaning shows(Name name) {
      return new Meaning(name, null, false);
    }

    static Meaning hides(Name name) {
      return new Meaning(null, name, false);
    }
  }
}
