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

  /** A directory that is being written. */
  private record Level(Name path, Node directory, Iterator<Name> names) {}

  /** Writes all that lies in a directory, itself left out. */
  public void writeBelow(Node directory) throws IOException {
    Deque<Level> levels = new ArrayDeque<>();
    levels.push(new Level(Member.NONE, directory, sortedNames(directory)));
    while (!levels.isEmpty()) {
      Level level = levels.element();
      if (!level.names.hasNext()) {
        levels.pop();
        continue;
      }
      Name name = level.names.next();
      Node child = child(level, name);
      if (child == null) {
        continue;
      }
      Name path = Name.ofLatin1(level.path.latin1() + name.latin1());
      Attributes attributes = child.attributes();
      write(path, child, attributes);
      if (attributes.isDirectory()) {
        levels.push(new Level(Name.ofLatin1(path.latin1() + "/"), child, sortedNames(child)));
      }
    }
  }

  /** A file of a directory; null where it went away meanwhile, or nobody can open it. */
  private static @Nullable Node child(Level level, Name name) throws IOException {
    try {
      return level.directory.child(name);
    } catch (FsException e) {
      if (e.errno() != Errno.ENAMETOOLONG) {
        throw e;
      }
      // Aufs lists names for which it has no whiteout, and opens none of them; docker goes on, too.
      LOG.warn("{}{}: its name is too long for a union, left out", level.path, name);
      return null;
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
   * Writes one file, without what lies in it.
   *
   * @param path its name in the tar, of a directory without the slash at the end
   */
  public void write(Name path, Node file, Attributes attributes) throws IOException {
    FileType type = attributes.type();
    if (type == FileType.SOCKET) {
      LOG.warn("{}: a socket, left out", path);
      return;
    }
    Name first =
        attributes.linkCount() > 1 && type != FileType.DIRECTORY
            ? firstNames.putIfAbsent(attributes.inodeNr(), path)
            : null;
    tar.begin(member(path, file, attributes, first));
    if (type == FileType.REGULAR && first == null) {
      writeContent(file, attributes.size());
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
  private void writeContent(Node file, long size) throws IOException {
    try (OpenFile open = file.open()) {
      long offset = 0;
      while (offset < size) {
        int wanted = (int) Math.min(piece.length, size - offset);
        int count = open.read(offset, ByteBuffer.wrap(piece, 0, wanted));
        if (count <= 0) {
          return; // the tar's next step says that bytes miss
        }
        tar.write(piece, 0, count);
        offset += count;
      }
    }
  }
}
