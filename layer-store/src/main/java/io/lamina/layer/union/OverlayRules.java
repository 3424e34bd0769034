package io.lamina.layer.union;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whiteouts are device nodes, or marked files; opaque directories are marked.
 *
 * @see <a href="https://docs.kernel.org/filesystems/overlayfs.html">Overlay Filesystem</a>
 */
final class OverlayRules extends RuleSet {
  private static final byte[] YES = {'y'};

  /** Opaque to nobody, but there are marked files in it that are whiteouts. */
  private static final byte[] HAS_MARKED_WHITEOUTS = {'x'};

  /** A mark that a file may have, by its name in each namespace. */
  private record Mark(List<Name> names) {
    Mark(String name, String... prefixes) {
      this(Arrays.stream(prefixes).map(prefix -> Name.ofLatin1(prefix + name)).toList());
    }

    byte @Nullable [] of(Node file) throws IOException {
      for (Name name : names) {
        byte[] value = file.xattr(name);
        if (value != null) {
          return value;
        }
      }
      return null;
    }

    Name toWrite() {
      return names.get(0);
    }
  }

  private final List<String> prefixes;
  private final Mark opaque;
  private final Mark redirect;
  private final Mark whiteout;
  private final Mark metacopy;

  /**
   * Rules with their marks in one namespace of extended attributes.
   *
   * @param prefixes of their names; where a file has a mark by several, the first counts
   */
  OverlayRules(String... prefixes) {
    this.prefixes = List.of(prefixes);
    this.opaque = new Mark("opaque", prefixes);
    this.redirect = new Mark("redirect", prefixes);
    this.whiteout = new Mark("whiteout", prefixes);
    this.metacopy = new Mark("metacopy", prefixes);
  }

  @Override
  int nameMaxBytes(int branchNameMaxBytes) {
    return branchNameMaxBytes;
  }

  @Override
  void check(Name name) {}

  @Override
  Answer ask(Branch branch, Node directory, Name name) throws IOException {
    Node file = directory.child(name);
    if (file == null) {
      return Answer.NOTHING;
    }
    return isWhiteout(directory, file) ? Answer.WHITEOUT : new Answer(file, false);
  }

  boolean isWhiteout(Node directory, Node file) throws IOException {
    Attributes attributes = file.attributes();
    return switch (attributes.type()) {
      case CHARACTER_DEVICE -> attributes.deviceMajor() == 0 && attributes.deviceMinor() == 0;
      case REGULAR ->
          attributes.size() == 0
              && Arrays.equals(opaque.of(directory), HAS_MARKED_WHITEOUTS)
              && whiteout.of(file) != null;
      default -> false;
    };
  }

  @Override
  Meaning meaning(Branch branch, Node directory, Name name, FileType type) throws IOException {
    if (type == FileType.CHARACTER_DEVICE || (type == FileType.REGULAR && hasMarked(directory))) {
      Node file = directory.child(name);
      if (file != null && isWhiteout(directory, file)) {
        return Meaning.hides(name);
      }
    }
    return Meaning.shows(name);
  }

  private boolean hasMarked(Node directory) throws IOException {
    return Arrays.equals(opaque.of(directory), HAS_MARKED_WHITEOUTS);
  }

  @Override
  boolean isOpaque(Branch branch, Node directory) throws IOException {
    return Arrays.equals(opaque.of(directory), YES);
  }

  /** Hides what directories below have under the names of this one. */
  void markOpaque(Node directory) throws IOException {
    directory.setXattr(opaque.toWrite(), YES, XattrMode.ANY);
  }

  @Override
  boolean endsAtNonDirectory() {
    return true;
  }

  @Override
  boolean keepsHardLinks() {
    return false;
  }

  @Override
  boolean movesEmptyDirectories() {
    return false;
  }

  @Override
  boolean isPrivate(Name xattr) {
    return prefixes.stream().anyMatch(xattr.latin1()::startsWith);
  }

  @Override
  boolean isMetadataOnly(Node file) throws IOException {
    return metacopy.of(file) != null;
  }

  @Override
  boolean keepsNamesBelow() {
    return false;
  }

  @Override
  @Nullable Name redirect(Node file) throws IOException {
    byte[] target = redirect.of(file);
    return target == null || target.length == 0 ? null : Name.ofBytes(target);
  }
}
