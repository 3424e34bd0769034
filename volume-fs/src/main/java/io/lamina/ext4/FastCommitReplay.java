package io.lamina.ext4;

import io.lamina.ext4.format.FastCommitValue;
import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.journal.FastCommitTag;
import io.lamina.fs.FileType;
import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Works out what fast commits changed. The kernel writes the changes to the volume when it mounts
 * it; here they are laid over what is read.
 *
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html#fast-commits">Fast
 *     commits</a>
 */
final class FastCommitReplay {
  private final Files files;
  private final Changes changes = new Changes();

  private FastCommitReplay(Files files) {
    this.files = files;
  }

  /** The changes of these tags, on top of the files as the journal's transactions left them. */
  static Changes changes(Files files, List<FastCommitTag> tags) throws IOException {
    FastCommitReplay replay = new FastCommitReplay(files);
    for (FastCommitTag tag : tags) {
      replay.apply(tag);
    }
    return replay.changes;
  }

  private void apply(FastCommitTag tag) throws IOException {
    Geometry geometry = files.volume().geometry();
    FastCommitValue value = new FastCommitValue(tag.value(), tag.kind().name(), tag.blockNr());
    switch (tag.kind()) {
      case INODE -> {
        FastCommitValue.ChangedInode inode = value.inode(geometry);
        if (isNew(inode)) {
          changes.rangesToChange(inode.inodeNr()).setNew();
        }
        changes.putInode(inode.inodeNr(), inode.bytes());
      }
      case ADD_RANGE -> put(value.addedRange(geometry));
      case DELETE_RANGE -> put(value.deletedRange(geometry));
      case CREATE -> create(value.entry(geometry));
      case LINK -> link(value.entry(geometry));
      case UNLINK -> unlink(value.entry(geometry));
    }
  }

  /** Whether an inode number is used anew: each use has its own generation. */
  private boolean isNew(FastCommitValue.ChangedInode inode) throws IOException {
    int generation = RawInode.generation(inode.bytes());
    ByteBuffer before = changes.inode(inode.inodeNr());
    if (before != null) {
      return RawInode.generation(before) != generation;
    }
    try {
      return files.inodes().inode(inode.inodeNr()).raw().generation() != generation;
    } catch (CorruptException e) {
      return true; // never written, or free
    }
  }

  private void put(FastCommitValue.Range range) {
    if (range.blockCount() > 0) {
      Run run =
          range.isInitialised()
              ? new Run(range.blockNr(), range.blockCount())
              : Run.hole(range.blockCount());
      changes.rangesToChange(range.inodeNr()).put(range.fileBlockNr(), run);
    }
  }

  /** The inode of what is made stands before its name. */
  private void create(FastCommitValue.Entry entry) throws IOException {
    ByteBuffer inode = changes.inode(entry.inodeNr());
    if (inode != null && isDirectory(inode)) {
      changes.directoryToChange(entry.inodeNr()).setNew();
    }
    link(entry);
  }

  private static boolean isDirectory(ByteBuffer inode) {
    return FileType.DIRECTORY.modeBits() == (RawInode.mode(inode) & FileType.MODE_MASK);
  }

  /** A name that is there already stays what it is: its block was written in time. */
  private void link(FastCommitValue.Entry entry) throws IOException {
    if (current(entry) == Directory.NOT_FOUND) {
      changes.directoryToChange(entry.directoryNr()).put(entry.name(), entry.inodeNr());
    }
  }

  /** A name that stands for another file by now stays. */
  private void unlink(FastCommitValue.Entry entry) throws IOException {
    if (current(entry) == entry.inodeNr()) {
      changes.directoryToChange(entry.directoryNr()).put(entry.name(), Directory.NOT_FOUND);
      dropLink(entry.inodeNr());
    }
  }

  /** The inode follows with its links as they are then, unless the file was deleted. */
  private void dropLink(long inodeNr) {
    ByteBuffer inode = changes.inode(inodeNr);
    if (inode != null && !isDirectory(inode)) {
      changes.putInode(inodeNr, RawInode.withoutLink(inode));
    }
  }

  private long current(FastCommitValue.Entry entry) throws IOException {
    ChangedDirectory changed = changes.directory(entry.directoryNr());
    Long inodeNr = changed == null ? null : changed.inodeNr(entry.name());
    if (inodeNr != null) {
      return inodeNr;
    }
    Inode directory = files.inodes().inode(entry.directoryNr());
    return directory.type() == FileType.DIRECTORY
        ? Directory.of(files.volume(), directory).lookup(entry.name())
        : Directory.NOT_FOUND;
  }
}
