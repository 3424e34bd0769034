package io.lamina.ext4;

import io.lamina.ext4.format.Extent;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.journal.FastCommitTag;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Brings onto the disk what fast commits changed: all of it in one transaction. Until that is
 * durable, the fast commits are still to be replayed, and nothing else has been written.
 *
 * <p>They tell of inodes, names and mappings. What follows from those is made up here: bitmaps, the
 * blocks of directories and of trees of extents, the links of directories. What they tell of the
 * blocks of directories is left aside, as the content of those is not in them.
 *
 * @see <a
 *     href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/fs/ext4/fast_commit.c">
 *     fs/ext4/fast_commit.c</a>
 */
final class FastCommitWriter {
  private static final int EXTENTS_AT_ONCE = 16;

  /** Nodes that the map of a file may gain by any change, and by so many more ranges. */
  private static final int NODES = 6;

  private static final int RANGES_PER_NODE = 20;

  /** What an entry takes in a directory besides its name. */
  private static final int ENTRY_BYTES = 12;

  private final Files files;
  private final Writing writing;
  private final Files before;
  private final Files after;
  private final Changes changes;
  private final FastCommitNames names;
  private final ClusterSet taken;
  private final ClusterSet freed;

  /** The blocks of content that a file gains, or loses. */
  private final Map<Long, Long> gained = new HashMap<>();

  /** Inodes whose number belonged to another file before, which was deleted. */
  private final Set<Long> replaced = new HashSet<>();

  private final SortedSet<Long> touched = new TreeSet<>();
  private final Map<Long, WritableInode> open = new TreeMap<>();

  /**
   * Writes them, and waits until they are durable.
   *
   * @param files with what changes them; nothing has been yet
   * @throws UnsupportedException when they tell something that the kernel does not write, or too
   *     much for one transaction: then nothing is written
   */
  static void write(Files files, List<FastCommitTag> fastCommits) throws IOException {
    Files before = Files.of(Volume.open(files.volume().device()));
    FastCommitWriter writer;
    try {
      writer = new FastCommitWriter(files, before, FastCommitReplay.changes(before, fastCommits));
      writer.write();
    } catch (CorruptException e) {
      throw new UnsupportedException("fast commits that make no sense: " + e.getMessage());
    } finally {
      before.volume().caches().forget(before.volume());
    }
    writer.after.volume().caches().forget(writer.after.volume());
  }

  /**
   * Works out what is to be written.
   *
   * @param before the files as the journal's transactions left them: read off the device alone
   */
  private FastCommitWriter(Files files, Files before, Changes changes) throws IOException {
    this.files = files;
    this.writing = files.requireWriting();
    this.before = before;
    this.after = Files.of(before.volume().with(changes));
    this.changes = changes;
    this.names = new FastCommitNames(before, after, changes);
    int clusterBlocks = before.volume().geometry().clusterBlocks();
    this.taken = new ClusterSet(clusterBlocks);
    this.freed = new ClusterSet(clusterBlocks);
    touched.addAll(changes.touchedNrs());
    touched.addAll(names.touchedNrs());
    for (long inodeNr : touched) {
      look(inodeNr);
    }
    ClusterSet kept = new ClusterSet(clusterBlocks);
    kept.addAll(taken);
    taken.removeAll(freed);
    freed.removeAll(kept);
  }

  private void look(long inodeNr) throws IOException {
    Inode now = after.inodes().inode(inodeNr);
    boolean isNew = changes.isNew(inodeNr);
    boolean replaces = isNew && writing.inodes().isUsed(inodeNr);
    if (isNew && now.raw().fileAcl(true) != 0) {
      throw new UnsupportedException("fast commits of a new file with a block of attributes");
    }
    ClusterSet was = new ClusterSet(before.volume().geometry().clusterBlocks());
    ClusterSet is = new ClusterSet(before.volume().geometry().clusterBlocks());
    if (replaces) {
      was.addAll(FileSpace.map(before.volume(), before.inodes().inode(inodeNr)));
      replaced.add(inodeNr);
    }
    ChangedRanges ranges = changes.ranges(inodeNr);
    if (ranges != null && !ranges.runs().isEmpty() && now.type() != FileType.DIRECTORY) {
      is.addAll(FileSpace.map(after.volume(), now));
      if (!isNew) {
        was.addAll(FileSpace.map(before.volume(), before.inodes().inode(inodeNr)));
      }
      gained.put(inodeNr, is.blockCount() - (isNew ? 0 : was.blockCount()));
    }
    taken.addAll(is);
    freed.addAll(was);
  }

  private void write() throws IOException {
    long nodes = newNodes();
    long credits = nodes + 2L * touched.size() + changedGroups();
    if (credits > writing.journal().maxBlockCount()) {
      throw new UnsupportedException("fast commits that change " + credits + " blocks");
    }
    try (LockedFiles values = new LockedFiles(files)) {
      int id = writing.making((int) credits, nodes, handle -> apply(handle, values));
      writing.journal().commit(id);
    } finally {
      for (WritableInode inode : open.values()) {
        writing.live().release(inode); // deletes what has no name
      }
    }
  }

  /** Blocks of maps and directories that may be needed. */
  private long newNodes() {
    long count = 0;
    for (long inodeNr : touched) {
      ChangedRanges ranges = changes.ranges(inodeNr);
      ChangedDirectory directory = changes.directory(inodeNr);
      count += ranges == null ? 0 : NODES + ranges.runs().size() / RANGES_PER_NODE;
      if (directory != null) {
        long bytes = 0;
        for (Name name : directory.names().keySet()) {
          bytes += name.byteCount() + ENTRY_BYTES;
        }
        count += NODES + 4 * bytes / before.volume().geometry().blockBytes();
      }
    }
    return count;
  }

  private long changedGroups() throws IOException {
    long[] groups = {0};
    long perGroup = before.volume().geometry().blocksPerGroup();
    ClusterSet.Taker counter = (blockNr, count) -> groups[0] += 2 + 2 * (count / perGroup + 1);
    taken.forEach(counter);
    freed.forEach(counter);
    return Math.min(groups[0], 2 * before.volume().geometry().groupCount());
  }

  private int apply(Handle handle, LockedFiles values) throws IOException {
    for (long inodeNr : touched) {
      open.put(inodeNr, open(handle, inodeNr, values));
    }
    taken.forEach((blockNr, count) -> writing.blocks().markUsed(handle, blockNr, count));
    for (long inodeNr : gained.keySet()) {
      editMap(handle, openInode(inodeNr));
    }
    freed.forEach((blockNr, count) -> writing.blocks().free(handle, blockNr, count, false));
    for (WritableInode inode : open.values()) {
      finish(handle, inode);
    }
    for (long directoryNr : changes.directoryNrs()) {
      enterNames(handle, openInode(directoryNr));
    }
    return handle.id();
  }

  private WritableInode openInode(long inodeNr) {
    WritableInode inode = open.get(inodeNr);
    if (inode == null) {
      throw new IllegalStateException("inode " + inodeNr + " is not among those that changed");
    }
    return inode;
  }

  /** Holds an inode, and gives it the bytes of its fast commit. */
  private WritableInode open(Handle handle, long inodeNr, LockedFiles values) throws IOException {
    Inode now = after.inodes().inode(inodeNr);
    if (changes.isNew(inodeNr)) {
      if (replaced.contains(inodeNr)) {
        empty(handle, inodeNr, values);
      }
      writing.inodes().take(handle, inodeNr, now.type() == FileType.DIRECTORY);
      RawInode raw = now.raw().copy();
      raw.setDeletionTime(0);
      raw.setBlocks(0);
      return writing.live().adopt(inodeNr, raw);
    }
    WritableInode inode = writing.live().acquire(inodeNr);
    ByteBuffer bytes = changes.inode(inodeNr);
    if (bytes != null) {
      boolean leavesInode = InlineContent.isOf(inode) && !now.has(InodeFlags.INLINE_DATA);
      if (leavesInode && !inode.isDirectory()) {
        new InlineContent(files.volume(), inode).leave();
      }
      change(inode, bytes);
    }
    return inode;
  }

  /** Deletes the file that had the number before, all but its content: that is among the freed. */
  private void empty(Handle handle, long inodeNr, LockedFiles values) throws IOException {
    WritableInode inode = writing.live().acquire(inodeNr);
    if (FileSpace.hasMap(files.volume(), inode.unstored())) {
      removeAll(new MapEditor(files, handle, inode, 0), 0, BlockMap.END);
    }
    files.requireChanges().xattrs().release(handle, inode, values);
    writing.orphans().remove(handle, inode);
    inode.setDeleted();
    writing.inodes().free(handle, inode);
    writing.live().release(inode);
  }

  private static void removeAll(MapEditor editor, long from, long to) throws IOException {
    boolean hasMore = true;
    while (hasMore) {
      hasMore = !editor.remove(from, to, EXTENTS_AT_ONCE).isEmpty();
    }
  }

  private void change(WritableInode inode, ByteBuffer bytes) {
    RawInode was = inode.raw().copy();
    RawInode now = was.changedTo(bytes);
    now.setDeletionTime(was.deletionTime()); // its place on the list of orphans
    now.setBlocks(was.blocks());
    int kept = InodeFlags.HUGE_FILE;
    if (inode.isDirectory()) {
      now.setLinkCount(was.linkCount());
    }
    boolean isInlineDirectory = (was.flags() & now.flags() & InodeFlags.INLINE_DATA) != 0;
    if (inode.isDirectory() && !isInlineDirectory) {
      kept |= InodeFlags.INLINE_DATA | InodeFlags.EXTENTS | InodeFlags.INDEX;
      now.setSize(was.size());
      now.bytes()
          .put(RawInode.BLOCK_OFFSET, was.bytes(), RawInode.BLOCK_OFFSET, RawInode.BLOCK_BYTES);
    }
    now.setFlags((now.flags() & ~kept) | (was.flags() & kept));
    inode.raw().become(now);
  }

  private void editMap(Handle handle, WritableInode inode) throws IOException {
    ChangedRanges ranges = changes.ranges(inode.inodeNr());
    if (ranges == null) {
      return;
    }
    for (Map.Entry<Long, Run> range : ranges.runs().entrySet()) {
      long from = range.getKey();
      Run run = range.getValue();
      MapEditor editor = new MapEditor(files, handle, inode, Math.max(0, run.blockNr()));
      removeAll(editor, from, from + run.blockCount());
      if (run.isMapped()) {
        insert(editor, from, run);
      }
    }
    SectorCount.add(files.volume(), inode.raw(), gained.getOrDefault(inode.inodeNr(), 0L));
  }

  private static void insert(MapEditor editor, long fileBlockNr, Run run) throws IOException {
    for (long done = 0; done < run.blockCount(); ) {
      long count = Math.min(run.blockCount() - done, Extent.maxBlocks(run.isWritten()));
      editor.insert(
          new Extent(fileBlockNr + done, run.blockNr() + done, (int) count, run.isWritten()));
      done += count;
    }
  }

  /** Gives an inode its links, a new directory its first block, and stores it. */
  private void finish(Handle handle, WritableInode inode) throws IOException {
    long inodeNr = inode.inodeNr();
    if (inode.isDirectory()) {
      if (changes.isNew(inodeNr)) {
        startDirectory(handle, inode);
      } else if (names.gained(inodeNr) < 0) {
        inode.raw().setLinkCount(0);
      }
    } else if (changes.inode(inodeNr) == null) {
      inode.raw().setLinkCount(inode.raw().linkCount() + names.gained(inodeNr));
    }
    if (inode.raw().linkCount() == 0) {
      writing.orphans().add(handle, inode);
    }
    if (inode.raw().size() > Integer.MAX_VALUE) {
      writing.announce(handle, Feature.LARGE_FILE);
    }
    inode.storeContent(handle);
  }

  private void startDirectory(Handle handle, WritableInode inode) throws IOException {
    Long parentNr = names.parentNr(inode.inodeNr());
    inode.raw().setLinkCount(parentNr == null ? 0 : 2);
    if (!inode.has(InodeFlags.INLINE_DATA)) {
      inode.raw().setFlags(inode.raw().flags() & ~InodeFlags.INDEX);
      BlockDirectoryEditor.start(files, handle, inode, parentNr == null ? 0 : parentNr);
    }
  }

  /** Brings the entries of a directory in line with what they should be. */
  private void enterNames(Handle handle, WritableInode directory) throws IOException {
    ChangedDirectory changed = changes.directoryToChange(directory.inodeNr());
    for (Map.Entry<Name, Long> entry : changed.names().entrySet()) {
      enter(handle, directory, entry.getKey().bytes(), entry.getValue());
      directory.storeContent(handle); // what the next one's editor starts from
    }
    for (int i = names.gainedDirectories(directory.inodeNr()); i > 0; i--) {
      LinkCounts.addDirectory(directory);
    }
    for (int i = names.gainedDirectories(directory.inodeNr()); i < 0; i++) {
      LinkCounts.removeDirectory(directory);
    }
    directory.storeContent(handle);
  }

  private void enter(Handle handle, WritableInode directory, byte[] name, long inodeNr)
      throws IOException {
    DirectoryEditor editor = DirectoryEditor.of(files, directory);
    EntryPlace place = editor.find(name);
    if (inodeNr == Directory.NOT_FOUND) {
      if (place != null) {
        editor.remove(handle, place);
      }
      return;
    }
    WritableInode named = openInode(inodeNr);
    int typeCode = editor.typeCode(named.inode().type());
    if (place == null) {
      editor.insert(handle, name, inodeNr, typeCode);
    } else {
      editor.replace(handle, place, inodeNr, typeCode);
    }
    if (named.isDirectory()) {
      moveBelow(handle, named, directory.inodeNr());
    }
  }

  private void moveBelow(Handle handle, WritableInode directory, long parentNr) throws IOException {
    DirectoryEditor editor = DirectoryEditor.of(files, directory);
    if (editor.parentNr() != parentNr) {
      editor.setParent(handle, parentNr);
      directory.storeContent(handle);
    }
  }
}
