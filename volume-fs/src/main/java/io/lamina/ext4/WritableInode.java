package io.lamina.ext4;

import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.Site;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * An inode that is in use for changing. There is one object for each number at a time, in {@link
 * LiveInodes}; whoever has one holds it, and releases it.
 *
 * <p>Its bytes are read under {@link #lock}'s read lock and changed under its write lock. What is
 * changed is seen by others once it is stored.
 */
final class WritableInode {
  private static final int TYPE_MASK = 0xf000;

  private final Volume volume;
  private final InodeTable table;
  private final long inodeNr;
  private final RawInode raw;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private volatile int storedIn;
  private volatile int contentStoredIn;
  private volatile boolean overwritten;
  private volatile boolean deleted;
  private volatile boolean linkable;

  /** As it was stored last; null where that has not been asked for since. */
  private volatile @Nullable Inode stored;

  /** Changed under the file's write lock, and by the last who holds the inode. */
  private @Nullable GrowthRun growth;

  WritableInode(Volume volume, InodeTable table, long inodeNr, RawInode raw) {
    this.volume = volume;
    this.table = table;
    this.inodeNr = inodeNr;
    this.raw = raw;
  }

  long inodeNr() {
    return inodeNr;
  }

  /** The file's lock. */
  ReentrantReadWriteLock lock() {
    return lock;
  }

  /** Its bytes, to be changed; they reach others and the disk by {@link #store}. */
  RawInode raw() {
    return raw;
  }

  boolean isDirectory() {
    return (raw.mode() & TYPE_MASK) == FileType.DIRECTORY.modeBits();
  }

  /** Bytes of extra fields; behind them the inode's own attributes start. */
  int extraBytes() {
    return Inode.extraBytes(raw);
  }

  /** Whether it has one of the {@link io.lamina.ext4.format.InodeFlags}. */
  boolean has(int flag) {
    return (raw.flags() & flag) != 0;
  }

  /** Keeps free clusters for it, and those no longer that were kept before. */
  void setGrowth(@Nullable GrowthRun next) {
    GrowthRun before;
    synchronized (this) { // its last holder may let go of it while the next one is at work
      before = growth;
      growth = next;
    }
    if (before != null) {
      before.release();
    }
  }

  /** Whether it was made without a name, and may get one. */
  boolean isLinkable() {
    return linkable;
  }

  void setLinkable(boolean mayGetName) {
    linkable = mayGetName;
  }

  /** What the checksums of its blocks start with. */
  int seed() {
    return volume.checksums().seedOfInode(inodeNr, raw.generation());
  }

  /** Tells how it was stored last; before anybody else has it. */
  void setStored(Inode known) {
    stored = known;
  }

  /** As it was stored last, for everything that only reads. */
  Inode inode() throws IOException {
    Inode known = stored;
    return known != null ? known : readStored();
  }

  private synchronized Inode readStored() throws IOException {
    Inode known = stored;
    if (known == null) {
      known = table.stored(inodeNr);
      stored = known;
    }
    return known;
  }

  /** Its bytes as they are now, whether stored or not, for everything that only reads. */
  Inode unstored() throws IOException {
    return Inode.changed(volume, raw.copy(), site());
  }

  /** Where it lies itself, for complaints. */
  Site site() {
    return new Site("ext4 inode", inodeNr, 0);
  }

  /** Puts it into its block, with its checksum. */
  synchronized void store(Handle handle) throws IOException {
    storeUnimportant(handle);
    storedIn = handle.id();
  }

  /** As {@link #store}, after a change without which its content could not be read. */
  void storeContent(Handle handle) throws IOException {
    store(handle);
    contentStoredIn = handle.id();
  }

  /** As {@link #store}, after a change that nobody needs to be durable. */
  synchronized void storeUnimportant(Handle handle) throws IOException {
    table.store(handle, inodeNr, raw);
    stored = null;
  }

  /** It may have been stored in a transaction, or in an earlier one. */
  void setStoredIn(int transactionId) {
    storedIn = transactionId;
    contentStoredIn = transactionId;
  }

  /**
   * Sets, and stores, which inode follows it on the list of orphans, without the file's lock:
   * whoever is changing the inode stores it too before his handle ends.
   */
  synchronized void storeNextOrphan(Handle handle, long inodeNr) throws IOException {
    raw.setDeletionTime(inodeNr);
    storeUnimportant(handle);
  }

  /** The last transaction that its content needs: what fdatasync waits for. */
  int contentStoredIn() {
    return contentStoredIn;
  }

  /**
   * Whether content was written in place that may not be durable, and belongs to no transaction.
   */
  boolean isOverwritten() {
    return overwritten;
  }

  void setOverwritten(boolean overwritten) {
    this.overwritten = overwritten;
  }

  /** The last transaction that it was stored in: what fsync waits for. */
  int storedIn() {
    return storedIn;
  }

  /** Whether it is gone: whoever still has it gets ESTALE. */
  boolean isDeleted() {
    return deleted;
  }

  void setDeleted() {
    deleted = true;
  }

  /**
   * Asks whether it is still there. Whoever waited for {@link #lock} may have waited for its
   * deletion: its number may be another file's then.
   *
   * @throws FsException ESTALE when it is gone
   */
  void requireThere() throws FsException {
    if (deleted) {
      throw new FsException(Errno.ESTALE, "inode " + inodeNr);
    }
  }
}
