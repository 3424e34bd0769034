package io.lamina.ext4;

import io.lamina.ext4.format.DirectoryEntries;
import io.lamina.ext4.format.NameHash;
import io.lamina.ext4.format.NameHasher;
import io.lamina.fs.Name;
import io.lamina.ondisk.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lists a directory that may change meanwhile, part by part, so that every name that stays is told
 * once. Where names are hashed the order is that of their hashes, which stays when blocks are
 * split; that includes directories that may get a hash tree later. Else the order is that of the
 * blocks, in which no entry moves.
 */
final class OrderedListing {
  private static final int ENTRIES_AT_ONCE = 256;

  private final Volume volume;
  private final Inode inode;
  private final Directory directory;

  OrderedListing(Volume volume, Inode inode) throws IOException {
    this.volume = volume;
    this.inode = inode;
    this.directory = Directory.of(volume, inode);
  }

  /** The entries from a cookie on: some of them. */
  ListedPart from(long cookie) throws IOException {
    if (directory instanceof BlockDirectory blocks && blocks.hasTree()) {
      return ofTree(new HashTree(blocks), cookie);
    }
    NameHasher hasher = hasherOfOneBlock();
    return hasher == null ? byPlace(cookie) : byHash(hasher, cookie);
  }

  private @Nullable NameHasher hasherOfOneBlock() {
    int version = volume.superblock().defaultHashVersion();
    boolean isShort = inode.size() <= volume.geometry().blockBytes();
    return isShort && volume.hasDirectoryIndex() && NameHash.isKnown(version)
        ? new NameHasher(
            NameHash.effectiveVersion(version, volume.superblock().hashesUnsigned()),
            volume.hashSeed())
        : null;
  }

  private ListedPart byPlace(long cookie) throws IOException {
    List<ListedEntry> entries = new ArrayList<>();
    long[] next = {cookie};
    directory.walk(
        cookie,
        (entry, bytes, nextPosition) -> {
          entries.add(listed(entry, bytes, nextPosition - 1));
          next[0] = nextPosition;
          return entries.size() < ENTRIES_AT_ONCE;
        });
    return new ListedPart(entries, entries.size() < ENTRIES_AT_ONCE ? ListedPart.END : next[0]);
  }

  private static ListedEntry listed(DirectoryEntries entry, ByteBuffer bytes, long cookie) {
    Name name = Name.ofBytes(bytes, entry.nameOffset(), entry.nameBytes());
    return new ListedEntry(name, entry.inodeNr(), entry.fileType(), cookie);
  }

  private ListedPart byHash(NameHasher hasher, long cookie) throws IOException {
    List<ListedEntry> entries = new ArrayList<>();
    directory.walk(
        0,
        (entry, bytes, nextPosition) -> {
          addFrom(cookie, entry, bytes, hasher, entries);
          return true;
        });
    return sorted(entries, ListedPart.END);
  }

  private static ListedPart sorted(List<ListedEntry> entries, long next) {
    entries.sort(Comparator.comparingLong(ListedEntry::cookie));
    return new ListedPart(entries, next);
  }

  private static void addFrom(
      long cookie,
      DirectoryEntries entry,
      ByteBuffer bytes,
      NameHasher hasher,
      List<ListedEntry> entries) {
    byte[] name = new byte[entry.nameBytes()];
    bytes.get(entry.nameOffset(), name);
    long place = place(hasher, name);
    if (place >= cookie) {
      entries.add(new ListedEntry(Name.ofBytes(name), entry.inodeNr(), entry.fileType(), place));
    }
  }

  /** The hash, and among names of the same hash another one. */
  private static long place(NameHasher hasher, byte[] name) {
    long first = (hasher.of(name).major() & 0xffff_ffffL) >>> 1;
    return first << Integer.SIZE | (Crc32c.of(0, name) & 0xffff_ffffL);
  }

  private ListedPart ofTree(HashTree tree, long cookie) throws IOException {
    NameHasher hasher = tree.hasher();
    tree.seek((int) (cookie >>> Integer.SIZE) << 1);
    List<ListedEntry> entries = new ArrayList<>();
    boolean goesOn = true;
    while (goesOn) {
      DirectoryEntries leaf = tree.leafEntries();
      ByteBuffer bytes = tree.leaf().bytes();
      while (leaf.next()) {
        if (leaf.inodeNr() != 0 && leaf.nameBytes() > 0 && !leaf.isDot()) {
          addFrom(cookie, leaf, bytes, hasher, entries);
        }
      }
      goesOn = (tree.goesOn() || entries.isEmpty()) && tree.nextLeaf();
    }
    return sorted(entries, tree.hasNextLeaf() ? start(tree.nextLeafHash()) : ListedPart.END);
  }

  private static long start(int hash) {
    return (hash & 0xffff_ffffL) >>> 1 << Integer.SIZE;
  }
}
