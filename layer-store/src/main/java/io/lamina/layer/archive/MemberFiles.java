package io.lamina.layer.archive;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.TreeSpace;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes files out of the members of a tar, with their content and all their attributes. */
final class MemberFiles {
  private static final Logger LOG = LoggerFactory.getLogger(MemberFiles.class);
  private static final int PIECE_BYTES = 1 << 18;

  private final FileTree tree;
  private final TarReader tar;
  private final ContentListener listener;
  private final byte[] piece = new byte[PIECE_BYTES];

  /**
   * Makes files.
   *
   * @param tree where; it says how much room there is
   * @param tar stands at the member that is made
   */
  MemberFiles(FileTree tree, TarReader tar, ContentListener listener) {
    this.tree = tree;
    this.tar = tar;
    this.listener = listener;
  }

  /**
   * Makes a file that is neither a directory nor a hard link; it is empty.
   *
   * @throws FsException EEXIST when the name is taken: nothing has been read of the member then
   */
  Node create(Node directory, Name name, Member member) throws IOException {
    Owner owner = new Owner(member.userId(), member.groupId());
    FileType type = Objects.requireNonNull(member.type());
    if (type == FileType.SYMLINK) {
      if (member.linkName().byteCount() == 0) {
        throw new ArchiveException(member.name(), "a symbolic link to nowhere");
      }
      return directory.createSymlink(name, member.linkName(), owner);
    }
    return directory.create(
        name,
        new NewFile(
            type, member.permissions(), 0, owner, member.deviceMajor(), member.deviceMinor()));
  }

  /** Gives a file that was made its content and all its attributes. */
  void fill(Node file, Member member) throws IOException {
    if (member.type() == FileType.REGULAR) {
      write(file, member);
    }
    setAttributes(file, member);
  }

  /** Reads what is left of a member's content, where no file was made of it. */
  void pass() throws IOException {
    int count = tar.read(piece, 0, piece.length);
    while (count > 0) {
      listener.passed(piece, 0, count);
      count = tar.read(piece, 0, piece.length);
    }
  }

  private void write(Node file, Member member) throws IOException {
    List<Member.Extent> extents = member.extents();
    List<Member.Extent> stored =
        extents == null ? List.of(new Member.Extent(0, member.size())) : extents;
    requireRoom(member, stored.stream().mapToLong(Member.Extent::length).sum());
    try (WritableFile open = file.openForWriting()) {
      for (Member.Extent extent : stored) {
        write(open, member, extent);
      }
      if (open.size() < member.size()) {
        open.truncate(member.size());
      }
    }
  }

  /** Before a byte is written: a member may claim anything. */
  private void requireRoom(Member member, long storedBytes) throws IOException {
    TreeSpace space = tree.space();
    if (storedBytes / space.blockBytes() > space.availableBlockCount()) {
      throw new ArchiveException(
          member.name(),
          "claims "
              + storedBytes
              + " bytes, there is room for "
              + space.availableBlockCount()
              + " blocks of "
              + space.blockBytes());
    }
  }

  private void write(WritableFile file, Member member, Member.Extent extent) throws IOException {
    long offset = extent.offset();
    long end = offset + extent.length();
    while (offset < end) {
      int count = tar.read(piece, 0, (int) Math.min(piece.length, end - offset));
      if (count < 0) {
        throw new ArchiveException(member.name(), "its content is cut off");
      }
      file.write(offset, ByteBuffer.wrap(piece, 0, count));
      listener.stored(member, piece, 0, count);
      offset += count;
    }
  }

  /** Sets all but a directory's times: what is put into it changes them again. */
  void setAttributes(Node file, Member member) throws IOException {
    // Owners first: a change of owner takes capabilities away, and the bits of setuid and setgid.
    AttributeChange change =
        AttributeChange.NONE.withOwner(new Owner(member.userId(), member.groupId()));
    if (member.kind() != Member.SYMLINK) {
      change = change.withPermissions(member.permissions());
    }
    if (member.kind() != Member.DIRECTORY) {
      change = change.withTimes(member.modificationTime(), member.modificationTime());
    }
    file.change(change);
    for (Map.Entry<Name, byte[]> xattr : member.xattrs().entrySet()) {
      try {
        file.setXattr(xattr.getKey(), xattr.getValue(), XattrMode.ANY);
      } catch (FsException e) {
        if (e.errno() != Errno.EOPNOTSUPP) {
          throw e;
        }
        LOG.warn("entry {}: attribute {} cannot be kept here", member.name(), xattr.getKey());
      }
    }
  }
}
