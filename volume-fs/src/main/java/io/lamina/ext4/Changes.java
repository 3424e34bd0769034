package io.lamina.ext4;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the fast commits of a journal changed, file by file, on top of what the volume's blocks say.
 * Not written to any more once a volume has it; safe for use by many threads then.
 */
final class Changes {
  static final Changes NONE = new Changes();

  private final Map<Long, ByteBuffer> inodes = new HashMap<>();
  private final Map<Long, ChangedRanges> ranges = new HashMap<>();
  private final Map<Long, ChangedDirectory> directories = new HashMap<>();

  /** An inode as the last fast commit has it, null where none has it. */
  @Nullable ByteBuffer inode(long inodeNr) {
    return inodes.get(inodeNr);
  }

  /** The inodes that were changed, by themselves or in their mappings. */
  Set<Long> touchedNrs() {
    Set<Long> inodeNrs = new HashSet<>(inodes.keySet());
    inodeNrs.addAll(ranges.keySet());
    return inodeNrs;
  }

  void putInode(long inodeNr, ByteBuffer bytes) {
    inodes.put(inodeNr, bytes);
  }

  /** The ranges of a file that were mapped anew, null where none was. */
  @Nullable ChangedRanges ranges(long inodeNr) {
    return ranges.get(inodeNr);
  }

  /** Whether an inode number is used anew: whatever its place in the table holds is not its own. */
  boolean isNew(long inodeNr) {
    ChangedRanges changed = ranges.get(inodeNr);
    return changed != null && changed.isNew();
  }

  ChangedRanges rangesToChange(long inodeNr) {
    return ranges.computeIfAbsent(inodeNr, nr -> new ChangedRanges());
  }

  /** The names of a directory that changed, null where none did. */
  @Nullable ChangedDirectory directory(long inodeNr) {
    return directories.get(inodeNr);
  }

  /** The directories in which names came or went. */
  Set<Long> directoryNrs() {
    return directories.keySet();
  }

  ChangedDirectory directoryToChange(long inodeNr) {
    return directories.computeIfAbsent(inodeNr, nr -> new ChangedDirectory());
  }
}
