package io.lamina.layer.change;

import io.lamina.fs.Attributes;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What comparing trees asks of their nodes. */
final class Entries {
  private static final Name CAPABILITY = Name.of("security.capability");

  private Entries() {}

  /** The names in a directory, sorted by their bytes. */
  static List<Name> names(Node directory) throws IOException {
    List<Name> names = new ArrayList<>();
    directory.list(
        0,
        (name, inodeNr, type, nextCookie) -> {
          names.add(name);
          return true;
        });
    Collections.sort(names);
    return names;
  }

  /** The names in a directory, with the inode numbers of their files. */
  static Map<Name, Long> inodeNrs(Node directory) throws IOException {
    Map<Name, Long> numbers = new HashMap<>();
    directory.list(
        0,
        (name, inodeNr, type, nextCookie) -> {
          numbers.put(name, inodeNr);
          return true;
        });
    return numbers;
  }

  /** The file of a name, where the directory is one and has it. */
  static @Nullable Node child(@Nullable Node directory, Name name) throws IOException {
    return directory == null || !directory.attributes().isDirectory()
        ? null
        : directory.child(name);
  }

  static Name path(Name directory, Name name) {
    return Name.ofLatin1(directory.latin1() + "/" + name.latin1());
  }

  /**
   * Whether docker takes two files for the same: it looks at owner, mode, device and capability,
   * and unless they are directories, at size and time. Docker lets a time of a whole second, as
   * tars have them, pass for any in that second; here it does not: a file that was changed in the
   * second it is dated would keep its old content in the next image.
   *
   * @see <a
   *     href="https://github.com/moby/moby/blob/v20.10.24/pkg/archive/changes_unix.go">statDifferent</a>
   */
  static boolean isSame(Node before, Node after) throws IOException {
    Attributes a = before.attributes();
    Attributes b = after.attributes();
    boolean sameOwner =
        a.mode() == b.mode()
            && a.userId() == b.userId()
            && a.groupId() == b.groupId()
            && a.deviceMajor() == b.deviceMajor()
            && a.deviceMinor() == b.deviceMinor();
    return sameOwner
        && (a.isDirectory()
            || (a.size() == b.size() && a.modificationTime().equals(b.modificationTime())))
        && Arrays.equals(before.xattr(CAPABILITY), after.xattr(CAPABILITY));
  }

  /** The same, with what docker does not look at: times of directories, extended attributes. */
  static boolean isIdentical(Node before, Node after) throws IOException {
    return isSame(before, after)
        && before.attributes().modificationTime().equals(after.attributes().modificationTime())
        && hasSameXattrs(before, after);
  }

  private static boolean hasSameXattrs(Node before, Node after) throws IOException {
    List<Name> names = after.xattrNames();
    if (before.xattrNames().size() != names.size()) {
      return false;
    }
    for (Name name : names) {
      if (!Arrays.equals(before.xattr(name), after.xattr(name))) {
        return false;
      }
    }
    return true;
  }
}
