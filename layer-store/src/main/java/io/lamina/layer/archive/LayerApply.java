package io.lamina.layer.archive;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.Removal;
import io.lamina.fs.Timestamp;
import io.lamina.layer.union.OverlayMarks;
import io.lamina.layer.union.Whiteouts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks a layer's tar onto a tree. Nothing outside the tree is touched, whatever the tar says;
 * what is there after an error is of no use.
 */
public final class LayerApply {
  private static final Owner ROOT_OWNER = new Owner(0, 0);
  private static final int IMPLIED_PERMISSIONS = 0755;
  private static final int MARKER_PERMISSIONS = 0444;
  private static final int PSEUDO_LINKS_PERMISSIONS = 0700;
  private static final List<Name> PSEUDO_LINKS = List.of(Whiteouts.PSEUDO_LINKS);
  private static final String TWICE = "the archive has this name twice";
  private static final String IN_THE_WAY = "a file or a symbolic link is in the way";

  private final FileTree tree;
  private final Node root;
  private final WhiteoutUse whiteouts;

  /** Numbers of the files that this tar brought: of them none comes twice, none is whited out. */
  private final Set<Long> made = new HashSet<>();

  /** What this tar's whiteouts, as far as they are stored, name: it may bring it itself later. */
  private final Set<List<Name>> hidden = new HashSet<>();

  private final Map<Name, Timestamp> directoryTimes = new LinkedHashMap<>();
  private final LastDirectory last = new LastDirectory();
  private @Nullable Node pseudoLinks;
  private long contentBytes;

  /** What is done with a whiteout. */
  public enum WhiteoutUse {
    /** It becomes a file: the tree is one layer of a union. */
    KEEP,
    /** It removes what it names: the tree holds the layers below already. */
    OBEY,
    /** It becomes what overlay has for it: the tree is one layer of such a union. */
    MARK
  }

  /**
   * Unpacks onto a directory of a tree.
   *
   * @param root the directory
   */
  public LayerApply(FileTree tree, Node root, WhiteoutUse whiteouts) {
    this.tree = tree;
    this.root = root;
    this.whiteouts = whiteouts;
  }

  /**
   * Unpacks all of a tar.
   *
   * @throws ArchiveException when it breaks its format or would write where it must not: the entry
   *     is named
   */
  public void apply(TarReader tar) throws IOException {
    apply(tar, null);
  }

  /** As {@link #apply(TarReader)}; of what goes by, as much is kept as makes the tar again. */
  void apply(TarReader tar, @Nullable SplitRecorder recorder) throws IOException {
    MemberFiles files =
        new MemberFiles(tree, tar, recorder == null ? ContentListener.NONE : recorder);
    MemberFiles passing =
        new MemberFiles(
            tree, tar, recorder == null ? ContentListener.NONE : ContentListener.passing(recorder));
    for (Member member = tar.next(); member != null; member = tar.next()) {
      try {
        apply(member, files, passing);
      } catch (FsException e) {
        throw new ArchiveException(member.name(), e);
      }
      contentBytes += member.hasContent() ? member.size() : 0;
      files.pass();
      if (recorder != null) {
        recorder.end(member);
      }
    }
    if (pseudoLinks != null) {
      last.forget();
      Removal.remove(root, Whiteouts.PSEUDO_LINKS);
    }
    setDirectoryTimes();
  }

  /** Lengths of the regular files so far, as docker counts a layer's size. */
  public long contentBytes() {
    return contentBytes;
  }

  private void apply(Member member, MemberFiles files, MemberFiles passing) throws IOException {
    EntryPath path = EntryPath.of(member.name());
    if (path.isRoot()) {
      if (member.kind() != Member.DIRECTORY) {
        throw new ArchiveException(member.name(), "the root of a layer is a directory");
      }
      setDirectory(path, root, member, files);
      return;
    }
    if (Whiteouts.isAufsOwn(path.names().get(0))) {
      if (path.parent().names().equals(PSEUDO_LINKS) && member.kind() == Member.REGULAR) {
        keepPseudoLink(path, member, passing);
      }
      return;
    }
    if (path.parent().names().stream().anyMatch(Whiteouts::isReserved)) {
      throw new ArchiveException(member.name(), "it lies in a whiteout");
    }
    Node directory = directory(path.parent());
    if (Whiteouts.isReserved(path.last())) {
      hide(directory, path, member, files);
      return;
    }
    switch (member.kind()) {
      case Member.DIRECTORY ->
          setDirectory(
              path,
              directoryAt(
                  path, member.permissions(), new Owner(member.userId(), member.groupId()), TWICE),
              member,
              files);
      case Member.HARD_LINK -> link(directory, path, member);
      default -> make(directory, path, member, files);
    }
  }

  /**
   * A file that aufs keeps for what it calls pseudo-links: other members are hard links of it. It
   * is no part of the layer, and goes when all have come.
   */
  private void keepPseudoLink(EntryPath path, Member member, MemberFiles passing)
      throws IOException {
    if (pseudoLinks == null) {
      pseudoLinks =
          root.create(
              Whiteouts.PSEUDO_LINKS, NewFile.directory(PSEUDO_LINKS_PERMISSIONS, ROOT_OWNER));
    }
    make(pseudoLinks, path, member, passing);
  }

  /** Most names are new: whether one is taken is asked when it cannot be had. */
  private void make(Node directory, EntryPath path, Member member, MemberFiles files)
      throws IOException {
    uncover(directory, path);
    Node file;
    try {
      file = files.create(directory, path.last(), member);
    } catch (FsException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      makeWay(directory, path, TWICE);
      file = files.create(directory, path.last(), member);
    }
    files.fill(file, member);
    made.add(file.attributes().inodeNr());
  }

  /**
   * Does what a whiteout says, to the layers below alone: what this tar brings itself stays,
   * whether it comes before or after.
   *
   * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md">OCI's
   *     layers</a>
   */
  private void hide(Node directory, EntryPath path, Member member, MemberFiles files)
      throws IOException {
    if (path.last().equals(Whiteouts.OPAQUE)) {
      makeOpaque(directory);
      return;
    }
    if (!Whiteouts.isWhiteout(path.last())) {
      return;
    }
    EntryPath target = path.hidden();
    Node existing = directory.child(target.last());
    if (existing != null && isMade(existing)) {
      if (existing.attributes().isDirectory()) {
        makeOpaque(existing);
      }
    } else if (whiteouts == WhiteoutUse.OBEY) {
      if (existing != null) {
        last.forget();
        Removal.remove(directory, target.last());
      }
    } else if (hidden.add(target.names())) {
      storeWhiteout(directory, path.last(), member, files);
    }
  }

  private void storeWhiteout(Node directory, Name whiteout, Member member, MemberFiles files)
      throws IOException {
    if (whiteouts == WhiteoutUse.MARK) {
      OverlayMarks.store(directory, whiteout);
    } else {
      Owner owner = new Owner(member.userId(), member.groupId());
      files.setAttributes(
          directory.create(whiteout, NewFile.regular(member.permissions(), owner)), member);
    }
  }

  /**
   * Takes back a whiteout of what this tar brings itself.
   *
   * @return whether there was one: a directory then has nothing of what lies below
   */
  private boolean uncover(Node directory, EntryPath path) throws IOException {
    if (hidden.isEmpty() || !hidden.remove(path.names())) {
      return false;
    }
    directory.unlink(whiteouts == WhiteoutUse.MARK ? path.last() : Whiteouts.of(path.last()));
    return true;
  }

  private void makeOpaque(Node directory) throws IOException {
    switch (whiteouts) {
      case OBEY -> {
        last.forget();
        clear(directory);
      }
      case MARK -> OverlayMarks.store(directory, Whiteouts.OPAQUE);
      case KEEP -> {
        if (directory.child(Whiteouts.OPAQUE) == null) {
          directory.create(Whiteouts.OPAQUE, NewFile.regular(MARKER_PERMISSIONS, ROOT_OWNER));
        }
      }
    }
  }

  /** Removes what earlier layers brought. */
  private void clear(Node directory) throws IOException {
    List<Name> names = new ArrayList<>();
    directory.list(0, (name, inodeNr, type, next) -> names.add(name));
    for (Name name : names) {
      Node child = directory.child(name);
      if (child == null) {
        continue;
      }
      if (!isMade(child)) {
        Removal.remove(directory, name);
      } else if (child.attributes().isDirectory()) {
        clear(child);
      }
    }
  }

  private boolean isMade(Node file) throws IOException {
    return made.contains(file.attributes().inodeNr());
  }

  /** A directory on the way to a member, made where no member has brought it. */
  private Node directory(EntryPath path) throws IOException {
    Node known = last.at(path);
    if (known != null) {
      return known;
    }
    if (path.isRoot()) {
      last.set(path, root);
      return root;
    }
    Node found = directoryAt(path, IMPLIED_PERMISSIONS, ROOT_OWNER, IN_THE_WAY);
    made.add(found.attributes().inodeNr());
    last.set(path, found);
    return found;
  }

  /** The directory of that name; where earlier layers have something else, it makes way. */
  private Node directoryAt(EntryPath path, int permissions, Owner owner, String taken)
      throws IOException {
    Node parent = directory(path.parent());
    Node existing = parent.child(path.last());
    if (existing != null && existing.attributes().isDirectory()) {
      return existing;
    }
    boolean isCovered = uncover(parent, path);
    makeWay(parent, path, taken);
    Node directory = parent.create(path.last(), NewFile.directory(permissions, owner));
    if (isCovered) {
      makeOpaque(directory);
    }
    return directory;
  }

  private void setDirectory(EntryPath path, Node directory, Member member, MemberFiles files)
      throws IOException {
    made.add(directory.attributes().inodeNr());
    files.setAttributes(directory, member);
    directoryTimes.put(path.entry(), member.modificationTime());
  }

  private void link(Node directory, EntryPath path, Member member) throws IOException {
    EntryPath target = EntryPath.ofTarget(path.entry(), member.linkName());
    Node file = target.find(root);
    if (file == null) {
      throw new ArchiveException(
          path.entry(), "a hard link to " + member.linkName() + ", which is not there");
    }
    if (file.attributes().isDirectory()) {
      throw new ArchiveException(path.entry(), "a hard link to a directory, " + member.linkName());
    }
    uncover(directory, path);
    if (!file.equals(directory.child(path.last()))) {
      makeWay(directory, path, TWICE);
      directory.link(path.last(), file);
    }
    made.add(file.attributes().inodeNr());
  }

  /** Takes away what an earlier layer has under a member's name. */
  private void makeWay(Node directory, EntryPath path, String taken) throws IOException {
    Node existing = directory.child(path.last());
    if (existing == null) {
      return;
    }
    if (isMade(existing)) {
      throw new ArchiveException(path.entry(), taken);
    }
    last.forget();
    Removal.remove(directory, path.last());
  }

  /** Last of all: nothing is put into them any more. */
  private void setDirectoryTimes() throws IOException {
    for (Map.Entry<Name, Timestamp> entry : directoryTimes.entrySet()) {
      EntryPath path = EntryPath.of(entry.getKey());
      Node directory = path.find(root);
      if (directory != null && directory.attributes().isDirectory()) {
        directory.change(AttributeChange.NONE.withTimes(entry.getValue(), entry.getValue()));
      }
    }
  }
}
