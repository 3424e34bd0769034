package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves the entries of a full block of an indexed directory into two, by their hashes.
 *
 * @see <a href="https://github.com/torvalds/linux/blob/master/fs/ext4/namei.c">do_split, where the
 *     border between the two is drawn</a>
 */
public final class LeafSplit {
  private record Moved(int hash, int offset, int byteCount) {}

  private final NameHasher hasher;
  private final boolean withTail;
  private final long inodeCount;
  private final Site site;

  /**
   * What splits blocks of one directory.
   *
   * @param withTail whether the ends of its blocks hold checksums
   */
  public LeafSplit(NameHasher hasher, boolean withTail, long inodeCount, Site site) {
    this.hasher = hasher;
    this.withTail = withTail;
    this.inodeCount = inodeCount;
    this.site = site;
  }

  /**
   * Moves about half of the bytes, those of the higher hashes, into an empty block.
   *
   * @return the lowest hash there; odd where that hash begins in the lower block
   */
  public int split(ByteBuffer lower, ByteBuffer upper) throws CorruptException {
    ByteBuffer old = copy(lower);
    List<Moved> entries = entries(old, false);
    if (entries.size() < 2) {
      throw site.damage("entries of a full block", "at least 2", entries.size());
    }
    entries.sort((a, b) -> Integer.compareUnsigned(a.hash, b.hash));
    int border = border(entries, lower.limit());
    fill(lower, old, entries.subList(0, border));
    fill(upper, old, entries.subList(border, entries.size()));
    int hash = entries.get(border).hash;
    return hash == entries.get(border - 1).hash ? hash | 1 : hash;
  }

  /** The first entry that goes up: what is above it fills no more than half a block. */
  private static int border(List<Moved> entries, int blockBytes) {
    int bytes = 0;
    for (int i = entries.size() - 1; i > 0; i--) {
      int size = entries.get(i).byteCount;
      if (bytes + size / 2 > blockBytes / 2) {
        return i + 1;
      }
      bytes += size;
    }
    return entries.size() / 2;
  }

  /**
   * Moves all entries of a directory's only block into an empty one, but for the directory's own
   * and its parent's.
   */
  public void moveNames(ByteBuffer from, ByteBuffer to) throws CorruptException {
    fill(to, from, entries(from, true));
  }

  private List<Moved> entries(ByteBuffer bytes, boolean withoutDots) throws CorruptException {
    List<Moved> found = new ArrayList<>();
    DirectoryEntries entries = DirectoryBlock.of(bytes, withTail, inodeCount, site).entries();
    while (entries.next()) {
      boolean isUsed = entries.inodeNr() != 0 && entries.nameBytes() > 0;
      if (isUsed && !(withoutDots && entries.isDot())) {
        byte[] name = new byte[entries.nameBytes()];
        bytes.get(entries.nameOffset(), name);
        int byteCount = DirectoryEntries.entryBytes(name.length);
        found.add(new Moved(hasher.of(name).major(), entries.offset(), byteCount));
      }
    }
    return found;
  }

  private void fill(ByteBuffer block, ByteBuffer old, List<Moved> entries) {
    int end = DirectoryEntries.end(block, withTail);
    int at = 0;
    for (int i = 0; i < entries.size(); i++) {
      Moved entry = entries.get(i);
      block.put(at, old, entry.offset, entry.byteCount);
      boolean isLast = i == entries.size() - 1;
      DirectoryEntries.putRecordBytes(block, at, isLast ? end - at : entry.byteCount);
      at += entry.byteCount;
    }
    if (entries.isEmpty()) {
      DirectoryBlock.of(block, withTail, inodeCount, site).clear();
    }
    if (withTail) {
      DirectoryEntries.startTail(block);
    }
  }

  private static ByteBuffer copy(ByteBuffer block) {
    return ByteBuffer.allocate(block.limit()).order(block.order()).put(0, block, 0, block.limit());
  }
}
