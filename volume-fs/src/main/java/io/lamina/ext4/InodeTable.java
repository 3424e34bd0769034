package io.lamina.ext4;

import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.GroupDescriptor;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.Site;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Finds inodes by their number. */
final class InodeTable {
  /** The root directory's. */
  static final long ROOT = 2;

  private static final int STORING_LOCKS = 64;
  private static final int WINDOW_BYTES = 1 << 15;

  private final Volume volume;
  private final Geometry geometry;
  private final GroupTable groups;

  /** Held while an inode is read and remembered, or stored. */
  private final Object[] storing = new Object[STORING_LOCKS];

  InodeTable(Volume volume, GroupTable groups) {
    this.volume = volume;
    this.geometry = volume.geometry();
    this.groups = groups;
    for (int i = 0; i < STORING_LOCKS; i++) {
      storing[i] = new Object();
    }
  }

  /**
   * An inode that a directory may name: in use, and none of the file system's own.
   *
   * @throws io.lamina.ondisk.CorruptException when it cannot be one
   */
  Inode named(long inodeNr) throws IOException {
    return named(inodeNr, inode(inodeNr));
  }

  /** As {@link #named(long)}, of an inode that has been read. */
  Inode named(long inodeNr, Inode inode) throws IOException {
    if (inodeNr != ROOT && inodeNr < volume.superblock().firstInodeNr()) {
      throw inode
          .site()
          .damage(
              "number in a directory", "at least " + volume.superblock().firstInodeNr(), inodeNr);
    }
    if (inode.raw().linkCount() == 0) {
      throw inode.site().damage("i_links_count", "at least 1", 0);
    }
    if (inode.has(InodeFlags.EA_INODE)) {
      throw inode.site().damage("i_flags", "a file", "the value of an extended attribute");
    }
    return inode;
  }

  /** Any inode, read or remembered. */
  Inode inode(long inodeNr) throws IOException {
    Caches.Key key = new Caches.Key(volume, inodeNr);
    Inode known = volume.caches().inodes().getIfPresent(key);
    if (known != null) {
      return known;
    }
    if (!volume.isWritable()) {
      return remembered(key);
    }
    synchronized (storing[(int) (inodeNr % STORING_LOCKS)]) { // what is read must not be old
      return remembered(key);
    }
  }

  private Inode remembered(Caches.Key key) throws IOException {
    Inode read = read(key.nr());
    volume.caches().inodes().put(key, read);
    return read;
  }

  /** Writes an inode into its block, and its checksum into both. */
  void store(Handle handle, long inodeNr, RawInode raw) throws IOException {
    int seed = volume.checksums().seedOfInode(inodeNr, raw.generation());
    volume.checksums().sealInode(raw, seed);
    Place place = place(inodeNr);
    synchronized (storing[(int) (inodeNr % STORING_LOCKS)]) {
      raw.putInto(handle.modify(place.blockNr()), place.base());
      Caches.Key key = new Caches.Key(volume, inodeNr);
      if (volume.caches().inodes().asMap().containsKey(key)) { // most are held, and not asked for
        volume.caches().inodes().invalidate(key);
      }
    }
  }

  /** Where an inode lies: a block, and where in it. */
  private record Place(long tableBlockNr, long index, int base) {
    long blockNr() {
      return tableBlockNr + index;
    }
  }

  private Place place(long inodeNr) throws IOException {
    if (inodeNr < 1 || inodeNr > geometry.inodeCount()) {
      throw new Site("ext4 inode", inodeNr, 0)
          .damage("number", "1 to " + geometry.inodeCount(), inodeNr);
    }
    GroupDescriptor group = groups.group((inodeNr - 1) / geometry.inodesPerGroup());
    long offset = (inodeNr - 1) % geometry.inodesPerGroup() * geometry.inodeBytes();
    return new Place(
        group.inodeTableBlockNr(),
        offset / geometry.blockBytes(),
        (int) (offset % geometry.blockBytes()));
  }

  /** A block of a group's table, read together with its neighbours: they will be asked for too. */
  private MetadataBlock block(long tableBlockNr, long index) throws IOException {
    MetadataBlock known = volume.known(tableBlockNr + index);
    if (known != null) {
      return known;
    }
    int window = Math.max(1, WINDOW_BYTES / geometry.blockBytes());
    long first = index / window * window;
    int count = (int) Math.min(window, geometry.inodeTableBlockCount() - first);
    return volume.readAhead(tableBlockNr + first, count)[(int) (index - first)];
  }

  /** An inode as it is stored, not remembered. */
  Inode stored(long inodeNr) throws IOException {
    synchronized (storing[(int) (inodeNr % STORING_LOCKS)]) { // never half of what is being stored
      return read(inodeNr);
    }
  }

  private Inode read(long inodeNr) throws IOException {
    Place place = place(inodeNr);
    MetadataBlock block = block(place.tableBlockNr(), place.index());
    byte[] bytes = new byte[geometry.inodeBytes()];
    block.bytes().get(place.base(), bytes);
    RawInode raw = new RawInode(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    Site site = new Site("ext4 inode", inodeNr, place.blockNr());
    ByteBuffer changed = volume.changes().inode(inodeNr);
    if (changed == null) {
      return Inode.of(volume, raw, site);
    }
    RawInode before = volume.changes().isNew(inodeNr) ? RawInode.blank(bytes.length) : raw;
    return Inode.changed(volume, before.changedTo(changed), site);
  }
}
