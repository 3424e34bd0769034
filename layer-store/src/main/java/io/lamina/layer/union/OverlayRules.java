package io.lamina.layer.union;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.util.Arrays;
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

  private final String prefix;
  private final Name opaque;
  private final Name redirect;
  private final Name whiteout;
  private final Name metacopy;

  /** Rules with their marks in one namespace of extended attributes. */
  OverlayRules(String prefix) {
    this.prefix = prefix;
    this.opaque = Name.ofLatin1(prefix + "opaque");
    this.redirect = Name.ofLatin1(prefix + "redirect");
    this.whiteout = Name.ofLatin1(prefix + "whiteout");
    this.metacopy = Name.ofLatin1(prefix + "metacopy");
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
              && Arrays.equals(directory.xattr(opaque), HAS_MARKED_WHITEOUTS)
              && file.xattr(whiteout) != null;
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
    return Arrays.equals(directory.xattr(opaque), HAS_MARKED_WHITEOUTS);
  }

  @Override
  boolean isOpaque(Branch branch, Node directory) throws IOException {
    return Arrays.equals(directory.xattr(opaque), YES);
  }

  /** Hides what directories below have under the names of this one. */
  void markOpaque(Node directory) throws IOException {
    directory.setXattr(opaque, YES, XattrMode.ANY);
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
    return xattr.latin1().startsWith(prefix);
  }

  @Override
  boolean isMetadataOnly(Node file) throws IOException {
    return file.xattr(metacopy) != null;
  }

  @Override
  boolean keepsNamesBelow() {
    return false;
  }

  @Override
  @Nullable Name redirect(Node file) throws IOException {
    byte[] target = file.xattr(redirect);
    return target == null || target.length == 0 ? null : Name.ofBytes(target);
  }
}
