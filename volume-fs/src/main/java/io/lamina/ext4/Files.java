package io.lamina.ext4;

import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import io.lamina.fs.NodeSource;
import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the nodes of one volume have in common. */
record Files(
    Volume volume,
    GroupTable groups,
    InodeTable inodes,
    Xattrs xattrs,
    @Nullable Writing writing,
    @Nullable NodeChanges changes)
    implements NodeSource {
  private static final FileType[] TYPES = {
    FileType.REGULAR,
    FileType.DIRECTORY,
    FileType.CHARACTER_DEVICE,
    FileType.BLOCK_DEVICE,
    FileType.FIFO,
    FileType.SOCKET,
    FileType.SYMLINK
  };

  /** The files of a volume. */
  static Files of(Volume volume) {
    GroupTable groups = new GroupTable(volume);
    InodeTable inodes = new InodeTable(volume, groups);
    return new Files(volume, groups, inodes, new Xattrs(volume, inodes), null, null);
  }

  /** These files, which can be changed. */
  Files with(Writing changing) {
    Files changed = new Files(volume, groups, inodes, xattrs, changing, null);
    return new Files(volume, groups, inodes, xattrs, changing, NodeChanges.of(changed, changing));
  }

  @Override
  public Node node(int number, int generation) {
    return new Ext4Node(this, Integer.toUnsignedLong(number), generation);
  }

  /** Any inode as it was stored last. */
  Inode inode(long inodeNr) throws IOException {
    WritableInode held = writing == null ? null : writing.live().known(inodeNr);
    return held == null ? inodes.inode(inodeNr) : held.inode();
  }

  /** As {@link InodeTable#named(long)}, as it was stored last. */
  Inode named(long inodeNr) throws IOException {
    return inodes.named(inodeNr, inode(inodeNr));
  }

  /**
   * What changes them.
   *
   * @throws FsException EROFS where they cannot be changed
   */
  Writing requireWriting() throws FsException {
    if (writing == null || writing.journal().isAborted()) {
      throw new FsException(Errno.EROFS, volume.device().name());
    }
    return writing;
  }

  /**
   * What their nodes do when they are changed.
   *
   * @throws FsException EROFS where they cannot be changed
   */
  NodeChanges requireChanges() throws FsException {
    requireWriting();
    return Objects.requireNonNull(changes);
  }

  /**
   * The type of what an entry names: as the entry says where the volume keeps types there, else as
   * the inode does. A damaged inode, which has no type, counts as a file: asking for it tells why.
   */
  FileType type(int entryType, long inodeNr) throws IOException {
    if (volume.hasFileTypes() && entryType >= 1 && entryType <= TYPES.length) {
      return TYPES[entryType - 1];
    }
    try {
      return inode(inodeNr).type();
    } catch (CorruptException e) {
      return FileType.REGULAR;
    }
  }

  /** The number that an entry has for a type: {@code EXT4_FT_*}; 0 where entries tell none. */
  int typeCode(FileType type) {
    return volume.hasFileTypes() ? Arrays.asList(TYPES).indexOf(type) + 1 : 0;
  }
}
