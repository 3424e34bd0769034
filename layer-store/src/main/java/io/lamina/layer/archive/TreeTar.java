package io.lamina.layer.archive;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a tree into a tar as {@code docker export} does: each directory before what is in it,
 * names in the order of their bytes, second names of a file as hard links, times in whole seconds,
 * holes as zeroes, sockets left out. Unlike docker it keeps all extended attributes, not the
 * capabilities alone.
 */
public final class TreeTar {
  private static final Logger LOG = LoggerFactory.getLogger(TreeTar.class);
  private static final int PIECE_BYTES = 1 << 17;

  /** How often a name is looked up that has another file each time. */
  private static final int MOST_TRIES = 100;

  /** What overlay keeps for itself, and what says on which machine a file was. */
  private static final List<String> LEFT_OUT = List.of("trusted.overlay.", "security.selinux");

  private final TarWriter tar;
  private final Filter filter;

  /** The first name of each file that has several. */
  private final Map<Long, Name> firstNames = new HashMap<>();

  private final byte[] piece = new byte[PIECE_BYTES];

  /** Which names of a directory are written. */
  @FunctionalInterface
  public interface Filter {
    /** Whether a name, and all that lies below it, is left out. */
    boolean leavesOut(Name name);
  }

  /** Writes whole trees. */
  public TreeTar(TarWriter tar) {
    this(tar, name -> false);
  }

  /** Writes trees without some of their names. */
  public TreeTar(TarWriter tar, Filter filter) {
    this.tar = tar;
    this.filter = filter;
  }

  /** A directory that is being written, and where it was found. */
  private record Level(
      @Nullable Level parent,
      Name name,
      Name path,
      Node directory,
      long inodeNr,
      Iterator<Name> names) {}

  /** Writes all that lies in a directory, itself left out. */
  public void writeBelow(Node directory) throws IOException {
    Deque<Level> levels = new ArrayDeque<>();
    Iterator<Name> names = sortedNames(directory);
    levels.push(new Level(null, Member.NONE, Member.NONE, directory, 0, names));
    while (!levels.isEmpty()) {
      Level level = levels.element();
      Level below = level.names.hasNext() ? entry(level, level.names.next()) : null;
      if (below != null) {
        levels.push(below);
      } else if (!level.names.hasNext()) {
        levels.pop();
      }
    }
  }

  /**
   * Writes one file of a directory, and gives it where it is a directory, too. What has gone away
   * since its name was listed is passed over, as docker does; what has come in its place is taken.
   */
  private @Nullable Level entry(Level level, Name name) throws IOException {
    for (int tries = 1; ; tries++) {
      Node file = child(level, name);
      if (file == null) {
        return null;
      }
      Name path = Name.ofLatin1(level.path.latin1() + name.latin1());
      Opened opened;
      try {
        Attributes attributes = file.attributes();
        if (attributes.type() == FileType.SOCKET) {
          LOG.warn("{}: a socket, left out", path);
          return null;
        }
        opened = open(path, file, attributes);
      } catch (FsException e) {
        if (!saysGone(e) || tries == MOST_TRIES) {
          throw e;
        }
        continue; // looked up again, it is not there, or another file
      }
      return write(level, name, path, opened);
    }
  }

  /** A file of a directory; null where it went away meanwhile, or nobody can open it. */
  private static @Nullable Node child(Level level, Name name) throws IOException {
    try {
      return level.directory.child(name);
    } catch (FsException e) {
      if (saysGone(e) && isGone(level)) {
        return null;
      }
      if (e.errno() != Errno.ENAMETOOLONG) {
        throw e;
      }
      // Aufs lists names for which it has no whiteout, and opens none of them; docker goes on, too.
      LOG.warn("{}{}: its name is too long for a union, left out", level.path, name);
      return null;
    }
  }

  private static boolean saysGone(FsException e) {
    return e.errno() == Errno.ENOENT || e.errno() == Errno.ESTALE;
  }

  /** Whether a directory does not stand any more where it was found. */
  private static boolean isGone(Level level) throws IOException {
    if (level.parent == null) {
      return false;
    }
    try {
      @Nullable Node there = level.parent.directory.child(level.name);
      return there == null || there.attributes().inodeNr() != level.inodeNr;
    } catch (FsException e) {
      if (saysGone(e)) {
        return isGone(level.parent);
      }
      throw e;
    }
  }

  private Iterator<Name> sortedNames(Node directory) throws IOException {
    List<Name> names = new ArrayList<>();
    directory.list(
        0,
        (name, inodeNr, type, next) -> {
          if (!filter.leavesOut(name)) {
            names.add(name);
          }
          return true;
        });
    names.sort(null);
    return names.iterator();
  }

  /**
   * A file of which all is known that its header says, and which stays readable if it is removed.
   *
   * @param content of a regular file that is not written under another name
   * @param names of a directory
   */
  private record Opened(
      Node file,
      Member member,
      Attributes attributes,
      @Nullable OpenFile content,
      @Nullable Iterator<Name> names) {}

  private Opened open(Name path, Node file, Attributes attributes) throws IOException {
    boolean isDirectory = attributes.isDirectory();
    @Nullable Name first =
        attributes.linkCount() > 1 && !isDirectory ? firstNames.get(attributes.inodeNr()) : null;
    Member member = member(path, file, attributes, first);
    @Nullable Iterator<Name> names = isDirectory ? sortedNames(file) : null;
    boolean hasContent = attributes.type() == FileType.REGULAR && first == null;
    return new Opened(file, member, attributes, hasContent ? file.open() : null, names);
  }

  private @Nullable Level write(Level level, Name name, Name path, Opened opened)
      throws IOException {
    try (OpenFile content = opened.content) {
      tar.begin(opened.member);
      if (content != null) {
        writeContent(content, opened.attributes.size());
      }
      if (opened.names == null) {
        if (opened.attributes.linkCount() > 1) {
          firstNames.putIfAbsent(opened.attributes.inodeNr(), path);
        }
        return null;
      }
      Name prefix = Name.ofLatin1(path.latin1() + "/");
      long inodeNr = opened.attributes.inodeNr();
      return new Level(level, name, prefix, opened.file, inodeNr, opened.names);
    }
  }

  private static Member member(
      Name path, Node file, Attributes attributes, @Nullable Name firstName) throws IOException {
    FileType type = attributes.type();
    Name name = type == FileType.DIRECTORY ? Name.ofLatin1(path.latin1() + "/") : path;
    Name target = type == FileType.SYMLINK ? file.readLink() : Member.NONE;
    Timestamp time = attributes.modificationTime();
    return new Member(
        firstName == null ? Member.kind(type) : Member.HARD_LINK,
        name,
        firstName == null ? target : firstName,
        attributes.mode(),
        attributes.userId(),
        attributes.groupId(),
        firstName == null && type == FileType.REGULAR ? attributes.size() : 0,
        new Timestamp(time.seconds(), 0),
        attributes.deviceMajor(),
        attributes.deviceMinor(),
        attributes.userId() == 0 ? Member.ROOT : Member.NONE,
        attributes.groupId() == 0 ? Member.ROOT : Member.NONE,
        xattrs(file),
        null);
  }

  private static SortedMap<Name, byte[]> xattrs(Node file) throws IOException {
    SortedMap<Name, byte[]> xattrs = new TreeMap<>();
    for (Name name : file.xattrNames()) {
      if (LEFT_OUT.stream().anyMatch(name.latin1()::startsWith)) {
        continue;
      }
      byte[] value = file.xattr(name);
      if (value != null) {
        xattrs.put(name, value);
      }
    }
    return xattrs;
  }

  /** Exactly as many bytes as the header said, whatever happens to the file meanwhile. */
  private void writeContent(OpenFile content, long size) throws IOException {
    long offset = 0;
    while (offset < size) {
      int wanted = (int) Math.min(piece.length, size - offset);
      int count = content.read(offset, ByteBuffer.wrap(piece, 0, wanted));
      if (count <= 0) {
        return; // the tar's next step says that bytes miss
      }
      tar.write(piece, 0, count);
      offset += count;
    }
  }
}
