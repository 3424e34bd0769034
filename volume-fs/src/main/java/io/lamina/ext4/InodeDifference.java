package io.lamina.ext4;

import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.RawInode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which inodes differ between a volume and a snapshot of it, read off those parts of the inode
 * tables that no longer lie in the same place. A file whose content, attributes or names changed
 * has another inode than before; so has a directory in which a name came or went. That a file was
 * read makes no difference.
 */
public final class InodeDifference {
  private static final int CHUNK_BYTES = 1 << 16;

  private final Ext4 before;
  private final Ext4 after;
  private final Geometry geometry;
  private final Set<Long> inodeNrs = new HashSet<>();

  private InodeDifference(Ext4 before, Ext4 after) {
    this.before = before;
    this.after = after;
    this.geometry = after.files().volume().geometry();
  }

  /** A part of both devices that may differ; all else is the same. */
  public record Range(long offset, long length) {}

  /**
   * The numbers of all inodes that differ.
   *
   * @param ranges where the devices may differ
   * @return nothing where that cannot be told: of volumes that were not cleanly unmounted, or are
   *     not of one shape
   */
  public static Optional<Set<Long>> between(Ext4 before, Ext4 after, List<Range> ranges)
      throws IOException {
    boolean comparable =
        before.replayed() == null
            && after.replayed() == null
            && before.files().volume().geometry().equals(after.files().volume().geometry());
    if (!comparable) {
      return Optional.empty();
    }
    InodeDifference difference = new InodeDifference(before, after);
    for (long groupNr = 0; groupNr < difference.geometry.groupCount(); groupNr++) {
      if (!difference.addGroup(groupNr, ranges)) {
        return Optional.empty();
      }
    }
    return Optional.of(difference.inodeNrs);
  }

  /** Gives whether the group has its table in one place. */
  private boolean addGroup(long groupNr, List<Range> ranges) throws IOException {
    long table = after.files().groups().group(groupNr).inodeTableBlockNr();
    if (before.files().groups().group(groupNr).inodeTableBlockNr() != table) {
      return false;
    }
    long start = table * geometry.blockBytes();
    long end = start + (long) geometry.inodesPerGroup() * geometry.inodeBytes();
    for (Range range : ranges) {
      long from = Math.max(start, range.offset);
      long to = Math.min(end, range.offset + range.length);
      if (from < to) {
        long first = (from - start) / geometry.inodeBytes();
        long last = (to - 1 - start) / geometry.inodeBytes();
        compare(groupNr, start, first, last + 1);
      }
    }
    return true;
  }

  private void compare(long groupNr, long tableOffset, long first, long end) throws IOException {
    int inodeBytes = geometry.inodeBytes();
    int chunk = CHUNK_BYTES / inodeBytes;
    for (long at = first; at < end; at += chunk) {
      int count = (int) Math.min(chunk, end - at);
      long offset = tableOffset + at * inodeBytes;
      ByteBuffer was = read(before, offset, count * inodeBytes);
      ByteBuffer is = read(after, offset, count * inodeBytes);
      for (int i = 0; i < count; i++) {
        if (!inode(was, i).isSameButForReading(inode(is, i))) {
          inodeNrs.add(groupNr * geometry.inodesPerGroup() + at + i + 1);
        }
      }
    }
  }

  private RawInode inode(ByteBuffer table, int index) {
    int inodeBytes = geometry.inodeBytes();
    return new RawInode(table.slice(index * inodeBytes, inodeBytes).order(ByteOrder.LITTLE_ENDIAN));
  }

  private static ByteBuffer read(Ext4 tree, long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    tree.files().volume().device().read(offset, bytes);
    return bytes.flip();
  }
}
