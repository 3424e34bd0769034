package io.lamina.fuse.protocol;

import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a directory: as many entries as the kernel's buffer takes, with each file's attributes
 * when it asked for them ({@code READDIRPLUS}).
 *
 * <p>Offsets told to the kernel: 1 after {@code .}, 2 after {@code ..}, then the tree's own cookie
 * plus 2. Nothing is kept between pages.
 */
final class DirectoryReply {
  private static final int DIRENT_BYTES = 24;
  private static final int DOTS = 2;
  private static final Name DOT = Name.of(".");
  private static final Name DOT_DOT = Name.of("..");

  private final ByteBuffer out;
  private final boolean plus;
  private final int capacity;
  private final List<Entry> entries = new ArrayList<>();
  private int byteCount;
  private long removalCount;

  DirectoryReply(ByteBuffer out, int capacity, boolean plus) {
    this.out = out;
    this.capacity = capacity;
    this.plus = plus;
  }

  private record Entry(Name name, long inodeNr, FileType type, long offset) {}

  /** Collects the entries that follow an offset. */
  void collect(Node directory, long offset, long inodeNr, long parentInodeNr) throws IOException {
    removalCount = directory.removalCount();
    if (offset == 0 && !add(DOT, inodeNr, FileType.DIRECTORY, 1)) {
      return;
    }
    // The greatest cookie of all, which ext4 gives its last entry, makes an offset below zero.
    boolean isPastDots = Long.compareUnsigned(offset, DOTS) >= 0;
    if (!isPastDots && !add(DOT_DOT, parentInodeNr, FileType.DIRECTORY, DOTS)) {
      return;
    }
    EntryVisitor page = (name, nr, type, cookie) -> add(name, nr, type, cookie + DOTS);
    directory.list(isPastDots ? offset - DOTS : 0, page);
  }

  private boolean add(Name name, long inodeNr, FileType type, long offset) {
    int entryBytes = entryBytes(name);
    if (byteCount + entryBytes > capacity) {
      return false;
    }
    byteCount += entryBytes;
    entries.add(new Entry(name, inodeNr, type, offset));
    return true;
  }

  private int entryBytes(Name name) {
    int unpadded = DIRENT_BYTES + name.byteCount() + (plus ? Wire.ENTRY_OUT_BYTES : 0);
    return (unpadded + 7) & ~7;
  }

  /** Writes what was collected; with attributes, each of them counts as a lookup. */
  int write(Node directory, long inodeNr, NodeTable nodes, Problems problems) {
    boolean look = plus && !directory.hasCostlyChildren() && !nodes.isFull();
    int at = 0;
    for (Entry entry : entries) {
      int direntAt = at;
      if (plus) {
        entryOut(at, look ? found(directory, entry, inodeNr, nodes, problems) : null);
        direntAt += Wire.ENTRY_OUT_BYTES;
      }
      dirent(direntAt, entry);
      at += entryBytes(entry.name());
    }
    return at;
  }

  private record Found(Node node, Attributes attributes, long id) {}

  /**
   * The file of an entry. Where it cannot be looked at the entry is still listed: whoever asks for
   * the file itself is told why.
   */
  private @Nullable Found found(
      Node directory, Entry entry, long parentInodeNr, NodeTable nodes, Problems problems) {
    if (entry.name().equals(DOT) || entry.name().equals(DOT_DOT)) {
      return null;
    }
    try {
      Node node = directory.listedChild(entry.name(), entry.inodeNr(), removalCount);
      if (node == null) {
        return null;
      }
      Attributes attributes = node.attributes();
      return new Found(node, attributes, nodes.lookUp(node, parentInodeNr));
    } catch (IOException | RuntimeException e) {
      problems.errnoOf("readdir", directory + "/" + entry.name(), e);
      return null;
    }
  }

  private void entryOut(int at, @Nullable Found found) {
    if (found == null) {
      Wire.noEntryOut(out, at, 0);
      return;
    }
    Wire.entryOut(out, at, found.id(), found.attributes(), !found.node().isVolatile());
  }

  private void dirent(int at, Entry entry) {
    byte[] name = entry.name().bytes();
    out.putLong(at, entry.inodeNr());
    out.putLong(at + 8, entry.offset());
    out.putInt(at + 16, name.length);
    out.putInt(at + 20, entry.type().modeBits() >> 12);
    out.put(at + DIRENT_BYTES, name);
    for (int end = at + DIRENT_BYTES + name.length; (end & 7) != 0; end++) {
      out.put(end, (byte) 0);
    }
  }
}
