package io.lamina.ext4;

import io.lamina.ext4.format.Superblock;
import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what was left undone when a volume was last written to: deletes the files that had no names
 * any more, and cuts off those that were being cut off.
 */
final class OrphanCleanup {
  private static final Logger log = LoggerFactory.getLogger(OrphanCleanup.class);

  private final Files files;
  private final Writing writing;
  private final SuperblockWriter superblock;
  private boolean mustDropList;

  OrphanCleanup(Files files, Writing writing, SuperblockWriter superblock) {
    this.files = files;
    this.writing = writing;
    this.superblock = superblock;
  }

  /**
   * Holds what is to be done, and changes nothing. A volume that is known to be damaged has its
   * list dropped, as the kernel does: what it names may be anything.
   *
   * @param file the orphan file, null where there is none
   */
  List<WritableInode> find(@Nullable OrphanFile file) throws IOException {
    List<WritableInode> found = new ArrayList<>();
    Superblock before = files.volume().superblock();
    if ((before.state() & Superblock.STATE_ERROR) != 0) {
      mustDropList = true;
    } else {
      found.addAll(listed(before.lastOrphanInodeNr()));
    }
    if (file != null) {
      for (long inodeNr : file.inodeNrs()) {
        found.add(writing.live().acquire(inodeNr));
      }
    }
    return found;
  }

  /** Does it. */
  void finish(List<WritableInode> found) throws IOException {
    if (mustDropList) {
      dropList();
    }
    for (WritableInode inode : found) {
      finish(inode);
    }
  }

  /** The inodes on the list, noted as such; none where the list is broken, which is dropped. */
  private List<WritableInode> listed(long firstNr) throws IOException {
    Map<Long, WritableInode> found = new LinkedHashMap<>();
    try {
      long at = firstNr;
      while (at != 0 && !found.containsKey(at)) {
        WritableInode inode = writing.live().acquire(at);
        found.put(at, inode);
        at = inode.raw().deletionTime();
      }
    } catch (CorruptException e) {
      log.warn("{}: orphans are not deleted: {}", files.volume().device().name(), e.getMessage());
      mustDropList = true;
      return List.of();
    }
    List<WritableInode> inodes = new ArrayList<>(found.values());
    for (int i = inodes.size() - 1; i >= 0; i--) {
      writing.orphans().adopt(inodes.get(i));
    }
    return inodes;
  }

  private void dropList() throws IOException {
    if (files.volume().superblock().lastOrphanInodeNr() != 0) {
      try (Handle handle = writing.journal().start(1)) {
        superblock.edit(handle, editor -> editor.setLastOrphanInodeNr(0));
      }
    }
  }

  private void finish(WritableInode inode) throws IOException {
    if (inode.raw().linkCount() > 0) {
      inode.lock().writeLock().lock();
      try {
        new FileContent(files, inode).finishCutOff();
      } finally {
        inode.lock().writeLock().unlock();
      }
    }
    writing.live().release(inode); // deletes one without names
  }
}
