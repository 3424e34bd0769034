package io.lamina.layer.union;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Whiteouts are files of reserved names; {@link Whiteouts} spells them. */
final class AufsRules extends RuleSet {
  @Override
  int nameMaxBytes(int branchNameMaxBytes) {
    return Math.min(branchNameMaxBytes, Whiteouts.NAME_MAX_BYTES);
  }

  @Override
  void check(Name name) throws FsException {
    if (Whiteouts.isReserved(name)) {
      throw new FsException(Errno.EPERM, name.toString());
    }
    if (name.byteCount() > Whiteouts.NAME_MAX_BYTES) {
      throw new FsException(Errno.ENAMETOOLONG, name.toString());
    }
  }

  @Override
  Answer ask(Branch branch, Node directory, Name name) throws IOException {
    if (branch.hasWhiteouts()) {
      Node whiteout = directory.child(Whiteouts.of(name));
      if (whiteout != null) {
        Attributes attributes = whiteout.attributes();
        if (attributes.type() != FileType.REGULAR) {
          throw new FsException(Errno.EIO, "whiteout of " + name + " is no regular file");
        }
        return Answer.WHITEOUT;
      }
    }
    Node file = directory.child(name);
    return file == null ? Answer.NOTHING : new Answer(file, false);
  }

  @Override
  Meaning meaning(Branch branch, Node directory, Name name, FileType type) {
    if (!Whiteouts.isReserved(name)) {
      return Meaning.shows(name);
    }
    if (!branch.hasWhiteouts() || !Whiteouts.isWhiteout(name)) {
      return Meaning.NOTHING;
    }
    return new Meaning(null, Whiteouts.hiddenBy(name), type != FileType.REGULAR);
  }

  @Override
  boolean isOpaque(Branch branch, Node directory) throws IOException {
    return branch.hasWhiteouts() && directory.child(Whiteouts.OPAQUE) != null;
  }

  @Override
  boolean endsAtNonDirectory() {
    return false;
  }

  @Override
  boolean keepsHardLinks() {
    return true;
  }

  @Override
  boolean movesEmptyDirectories() {
    return true;
  }

  @Override
  boolean isPrivate(Name xattr) {
    return false;
  }

  @Override
  boolean isMetadataOnly(Node file) {
    return false;
  }

  @Override
  boolean keepsNamesBelow() {
    return true;
  }

  @Override
  @Nullable Name redirect(Node file) {
    return null;
  }
}
