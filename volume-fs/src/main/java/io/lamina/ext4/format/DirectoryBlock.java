package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import java.nio.ByteBuffer;

/**
 * The entries of one directory block, or of one region of an inline directory, to be searched and
 * changed in place. An entry that is taken away joins the one before it, or stays empty where it is
 * the first. Used by one thread at a time while it is changed.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/directory.html">Directory
 *     entries</a>
 */
public final class DirectoryBlock {
  /** What a search gives when there is no such name. */
  public static final int NOT_FOUND = -1;

  private final ByteBuffer bytes;
  private final int from;
  private final int end;
  private final long inodeCount;
  private final Site site;

  private DirectoryBlock(ByteBuffer bytes, int from, int end, long inodeCount, Site site) {
    this.bytes = bytes;
    this.from = from;
    this.end = end;
    this.inodeCount = inodeCount;
    this.site = site;
  }

  /**
   * A whole block of entries.
   *
   * @param withTail whether its end holds a checksum
   * @param inodeCount the highest inode number that an entry may hold
   */
  public static DirectoryBlock of(ByteBuffer bytes, boolean withTail, long inodeCount, Site site) {
    return region(bytes, 0, DirectoryEntries.end(bytes, withTail), inodeCount, site);
  }

  /** Entries between two places. */
  public static DirectoryBlock region(
      ByteBuffer bytes, int from, int end, long inodeCount, Site site) {
    return new DirectoryBlock(bytes, from, end, inodeCount, site);
  }

  /** The same region of other bytes. */
  public DirectoryBlock over(ByteBuffer others) {
    return new DirectoryBlock(others, from, end, inodeCount, site);
  }

  /** Makes all of it one empty entry. */
  public void clear() {
    if (end > from) {
      DirectoryEntries.put(bytes, from, 0, end - from, new byte[0], 0);
    }
  }

  /**
   * Starts a directory: its own entry, its parent's, and nothing behind them.
   *
   * @param type the number of a directory's type, 0 where entries tell none
   */
  public void startWithDots(long ownNr, long parentNr, int type) {
    int dotBytes = DirectoryEntries.entryBytes(1);
    DirectoryEntries.put(bytes, from, ownNr, dotBytes, new byte[] {'.'}, type);
    int parentAt = from + dotBytes;
    DirectoryEntries.put(bytes, parentAt, parentNr, end - parentAt, new byte[] {'.', '.'}, type);
  }

  /** Steps over its entries from the start. */
  public DirectoryEntries entries() {
    return new DirectoryEntries(bytes, from, end, inodeCount, false, site);
  }

  /**
   * Where the entry of a name starts, {@link #NOT_FOUND} where there is none.
   *
   * @throws CorruptException when an entry before it is not sound
   */
  public int find(byte[] name) throws CorruptException {
    DirectoryEntries entries = entries();
    while (entries.next()) {
      if (entries.isNamed(name) && entries.inodeNr() != 0) {
        return entries.offset();
      }
    }
    return NOT_FOUND;
  }

  /**
   * What a search for a name and for room for it has found, each {@link #NOT_FOUND} where there is
   * none.
   *
   * @param offset where the name's entry starts
   * @param room where it would fit, if there is no such entry
   */
  public record Search(int offset, int room) {}

  /**
   * Looks for a name, and for room for it, in one go.
   *
   * @throws CorruptException when an entry on the way is not sound
   */
  public Search search(byte[] name) throws CorruptException {
    int needed = DirectoryEntries.entryBytes(name.length);
    int room = NOT_FOUND;
    DirectoryEntries entries = entries();
    while (entries.next()) {
      if (entries.isNamed(name) && entries.inodeNr() != 0) {
        return new Search(entries.offset(), NOT_FOUND);
      }
      if (room == NOT_FOUND && unused(entries) >= needed) {
        room = entries.offset();
      }
    }
    return new Search(NOT_FOUND, room);
  }

  /** Whether an entry is in use other than those for the directory itself and its parent. */
  public boolean hasNames() throws CorruptException {
    DirectoryEntries entries = entries();
    while (entries.next()) {
      if (entries.inodeNr() != 0 && entries.nameBytes() > 0 && !entries.isDot()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Where an entry of a name would fit.
   *
   * @return {@link #NOT_FOUND} where there is no room
   */
  public int room(int nameBytes) throws CorruptException {
    int needed = DirectoryEntries.entryBytes(nameBytes);
    DirectoryEntries entries = entries();
    while (entries.next()) {
      if (unused(entries) >= needed) {
        return entries.offset();
      }
    }
    return NOT_FOUND;
  }

  /** Bytes of an entry that another could have. */
  private static int unused(DirectoryEntries entry) {
    int recordBytes = entry.nextOffset() - entry.offset();
    return entry.inodeNr() == 0
        ? recordBytes
        : recordBytes - DirectoryEntries.entryBytes(entry.nameBytes());
  }

  /**
   * Puts an entry in.
   *
   * @param at what {@link #room} gave for a name of this length
   * @param type the number of its file's type, 0 where entries tell none
   */
  public void insert(int at, byte[] name, long inodeNr, int type) {
    int recordBytes = DirectoryEntries.recordBytes(bytes, at);
    int start = at;
    if (inodeNr(at) != 0) {
      int usedBytes = DirectoryEntries.entryBytes(DirectoryEntries.nameBytes(bytes, at));
      DirectoryEntries.putRecordBytes(bytes, at, usedBytes);
      start = at + usedBytes;
      recordBytes -= usedBytes;
    }
    DirectoryEntries.put(bytes, start, inodeNr, recordBytes, name, type);
  }

  /**
   * Takes an entry away.
   *
   * @param at where it starts, as {@link #find} gave it
   */
  public void remove(int at) throws CorruptException {
    DirectoryEntries entries = entries();
    int before = NOT_FOUND;
    while (entries.next() && entries.offset() < at) {
      before = entries.offset();
    }
    if (before == NOT_FOUND) {
      DirectoryEntries.putInode(bytes, at, 0);
      return;
    }
    int joined = at - before + DirectoryEntries.recordBytes(bytes, at);
    DirectoryEntries.putRecordBytes(bytes, before, joined);
  }

  /** The inode of the entry at a place. */
  public long inodeNr(int at) {
    return DirectoryEntries.inodeNr(bytes, at);
  }

  /** Lets the entry at a place name another file. */
  public void replace(int at, long inodeNr, int type) {
    DirectoryEntries.putInode(bytes, at, inodeNr);
    DirectoryEntries.putType(bytes, at, type);
  }

  /** Where the entry of the parent starts: the second of a directory's first block. */
  public int parentOffset() throws CorruptException {
    DirectoryEntries entries = entries();
    if (entries.next() && entries.isNamed(new byte[] {'.'})) {
      if (entries.next() && entries.isNamed(new byte[] {'.', '.'})) {
        return entries.offset();
      }
    }
    throw site.damage("first entries of a directory", ". and ..", "others");
  }
}
