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

  private final FileTree tree;
  private final Node root;
  private final WhiteoutUse whiteouts;

  /** Numbers of the files that this tar brought: of them none comes twice, none is whited out. */
  private final Set<Long> made = new HashSet<>();

  private final Map<Name, Timestamp> directoryTimes = new LinkedHashMap<>();
  private final LastDirectory last = new LastDirectory();
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
        new MemberFiles(
            tree, tar, recorder == null ? (member, bytes, from, length) -> {} : recorder::content);
    for (Member member = tar.next(); member != null; member = tar.next()) {
      apply(member, files);
      contentBytes += member.hasContent() ? member.size() : 0;
      files.pass(member);
      if (recorder != null) {
        recorder.end(member);
      }
    }
    setDirectoryTimes();
  }

  /** Lengths of the regular files so far, as docker counts a layer's size. */
  public long contentBytes() {
    return contentBytes;
  }

  private void apply(Member member, MemberFiles files) throws IOException {
    EntryPath path = EntryPath.of(member.name());
    if (path.isRoot()) {
      if (member.kind() != Member.DIRECTORY) {
        throw new ArchiveException(member.name(), "the root of a layer is a directory");
      }
      setDirectory(path, root, member, files);
      return;
    }
    if (Whiteouts.isAufsOwn(path.names().get(0))) {
      return;
    }
    Name name = path.last();
    if (whiteouts == WhiteoutUse.OBEY && Whiteouts.isReserved(name)) {
      obey(path, name);
      return;
    }
    Node directory = directory(path.parent());
    if (whiteouts == WhiteoutUse.MARK && Whiteouts.isReserved(name)) {
      OverlayMarks.store(directory, name);
      return;
    }
    switch (member.kind()) {
      case Member.DIRECTORY ->
          setDirectory(path, directoryNamed(directory, path, member), member, files);
      case Member.HARD_LINK -> link(directory, path, member);
      default -> make(directory, path, member, files);
    }
  }

  /** Most names are new: whether one is taken is asked when it cannot be had. */
  private void make(Node directory, EntryPath path, Member member, MemberFiles files)
      throws IOException {
    Node file;
    try {
      file = files.create(directory, path.last(), member);
    } catch (FsException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      makeWay(directory, path);
      file = files.create(directory, path.last(), member);
    }
    files.fill(file, member);
    made.add(file.attributes().inodeNr());
  }

  private void obey(EntryPath path, Name name) throws IOException {
    last.forget();
    Node directory = path.parent().find(root);
    if (directory == null || !directory.attributes().isDirectory()) {
      return; // nothing there to hide
    }
    if (name.equals(Whiteouts.OPAQUE)) {
      clear(directory);
    } else if (Whiteouts.isWhiteout(name)) {
      Name hidden = EntryPath.ofTarget(path.entry(), Whiteouts.hiddenBy(name)).last();
      if (directory.child(hidden) != null) {
        Removal.remove(directory, hidden);
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
    Node found = path.find(root);
    if (found == null) {
      found =
          directory(path.parent())
              .create(path.last(), NewFile.directory(IMPLIED_PERMISSIONS, ROOT_OWNER));
    }
    if (!found.attributes().isDirectory()) {
      throw new ArchiveException(path.entry(), "a file or a symbolic link is in the way");
    }
    made.add(found.attributes().inodeNr());
    last.set(path, found);
    return found;
  }

  private Node directoryNamed(Node parent, EntryPath path, Member member) throws IOException {
    Node existing = parent.child(path.last());
    if (existing != null && existing.attributes().isDirectory()) {
      return existing;
    }
    makeWay(parent, path);
    return parent.create(
        path.last(),
        NewFile.directory(member.permissions(), new Owner(member.userId(), member.groupId())));
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
    if (!file.equals(directory.child(path.last()))) {
      makeWay(directory, path);
      directory.link(path.last(), file);
    }
    made.add(file.attributes().inodeNr());
  }

  /** Takes away what an earlier layer has under a member's name. */
  private void makeWay(Node directory, EntryPath path) throws IOException {
    Node existing = directory.child(path.last());
    if (existing == null) {
      return;
    }
    if (isMade(existing)) {
      throw new ArchiveException(path.entry(), "the archive has this name twice");
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
