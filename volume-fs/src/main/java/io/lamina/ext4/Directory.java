package io.lamina.ext4;

import io.lamina.ext4.format.DirectoryEntries;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.Site;
import io.lamina.fs.Name;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** The entries of a directory, wherever they lie. */
abstract class Directory {
  /** What a lookup gives when there is no such name. */
  static final long NOT_FOUND = 0;

  private static final long MAX_INDEXED_BYTES = 4 << 20;

  private final Volume volume;
  private final Inode inode;
  private final ShownNames names;

  Directory(Volume volume, Inode inode) {
    this.volume = volume;
    this.inode = inode;
    this.names = new ShownNames(volume, inode);
  }

  /** The directory of an inode. */
  static Directory of(Volume volume, Inode inode) throws IOException {
    return inode.has(InodeFlags.INLINE_DATA)
        ? new InlineDirectory(volume, inode)
        : new BlockDirectory(volume, inode);
  }

  /** Takes entries one by one, with where the next one starts. */
  interface Taker {
    /** Whether to go on. */
    boolean take(DirectoryEntries entry, ByteBuffer bytes, long nextPosition) throws IOException;
  }

  /**
   * Walks over the entries that are in use, but for {@code .} and {@code ..}.
   *
   * @param position 0, or where an entry starts; entries before it are left out
   */
  abstract void walk(long position, Taker taker) throws IOException;

  /**
   * The inode that a name stands for, {@link #NOT_FOUND} where there is none. Names are compared by
   * their bytes, or, where the directory says so, without regard to case.
   */
  long lookup(Name name) throws IOException {
    Caches.Key key = new Caches.Key(volume, inode.inodeNr());
    NameIndex index = volume.caches().names().getIfPresent(key);
    if (index == null && isWorthIndexing()) {
      index = NameIndex.of(allNames());
      volume.caches().names().put(key, index);
    }
    if (index != null) {
      return index.inodeNrs().getOrDefault(names.key(name), NOT_FOUND);
    }
    return search(name);
  }

  /** Names that change are not indexed: the index would have to change with them. */
  private boolean isWorthIndexing() {
    long size = inode.size();
    return !volume.isWritable()
        && size <= MAX_INDEXED_BYTES
        && (size > volume.geometry().blockBytes() || names.areMade());
  }

  /** Looks a name up without an index. */
  long search(Name name) throws IOException {
    byte[] wanted = name.bytes();
    boolean asShown = names.areMade() || names.areFolded();
    Name key = names.key(name);
    long[] found = {NOT_FOUND};
    walk(
        0,
        (entry, bytes, next) -> {
          boolean same =
              asShown ? names.key(names.of(entry, bytes)).equals(key) : entry.isNamed(wanted);
          found[0] = same ? entry.inodeNr() : NOT_FOUND;
          return !same;
        });
    return found[0];
  }

  private Map<Name, Long> allNames() throws IOException {
    Map<Name, Long> all = new HashMap<>();
    walk(
        0,
        (entry, bytes, next) -> {
          all.putIfAbsent(names.key(names.of(entry, bytes)), entry.inodeNr());
          return true;
        });
    return all;
  }

  /** Walks over the entries of one region; {@code false} when the taker has had enough. */
  final boolean walkRegion(
      ByteBuffer bytes, int from, int end, long base, long position, Taker taker, Site site)
      throws IOException {
    DirectoryEntries entries =
        new DirectoryEntries(bytes, from, end, volume.geometry().inodeCount(), hasHashes(), site);
    while (entries.next()) {
      boolean isShown =
          entries.inodeNr() != 0
              && entries.nameBytes() > 0
              && !entries.isDot()
              && base + entries.offset() >= position;
      if (isShown && !taker.take(entries, bytes, base + entries.nextOffset())) {
        return false;
      }
    }
    return true;
  }

  private boolean hasHashes() {
    return inode.has(InodeFlags.ENCRYPT)
        && inode.has(InodeFlags.CASEFOLD)
        && volume.superblock().has(Feature.CASEFOLD);
  }

  final Volume volume() {
    return volume;
  }

  final Inode inode() {
    return inode;
  }

  /** How names are shown. */
  final ShownNames names() {
    return names;
  }
}
