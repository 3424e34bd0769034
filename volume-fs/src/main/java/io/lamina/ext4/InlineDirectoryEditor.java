package io.lamina.ext4;

import io.lamina.ext4.format.DirectoryBlock;
import io.lamina.ext4.format.DirectoryEntries;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.StoredXattr;
import io.lamina.ext4.format.XattrEntry;
import io.lamina.ext4.format.XattrNames;
import io.lamina.ext4.format.XattrRegion;
import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes a directory that lies in its inode. When a name does not fit any more, the directory
 * moves into a block.
 */
final class InlineDirectoryEditor extends DirectoryEditor {
  private static final int PARENT_BYTES = 4;

  /** Its first block, then what it takes to index that. */
  private static final int BLOCKS_OF_CONVERSION = 3;

  InlineDirectoryEditor(Files files, WritableInode directory) {
    super(files, directory);
  }

  /**
   * Starts a directory in its inode.
   *
   * @return whether that has room, on a volume where directories may lie in theirs
   */
  static boolean start(Files files, Handle handle, WritableInode directory, long parentNr)
      throws IOException {
    InlineContent content = new InlineContent(files.volume(), directory);
    boolean fits =
        files.volume().superblock().has(Feature.INLINE_DATA)
            && content.hasRoom(RawInode.BLOCK_BYTES);
    if (fits) {
      content.put(new byte[RawInode.BLOCK_BYTES]);
      directory.raw().setFlags(directory.raw().flags() | InodeFlags.INLINE_DATA);
      InlineDirectoryEditor editor = new InlineDirectoryEditor(files, directory);
      editor.setParent(handle, parentNr);
      editor.regions().get(0).clear();
    }
    return fits;
  }

  private RawInode raw() {
    return directory().raw();
  }

  private List<DirectoryBlock> regions() throws CorruptException {
    List<DirectoryBlock> regions = new ArrayList<>();
    int start = RawInode.BLOCK_OFFSET;
    regions.add(region(start + PARENT_BYTES, start + RawInode.BLOCK_BYTES));
    XattrEntry rest = rest();
    if (rest.valueBytes() > 0) {
      regions.add(region(rest.valueOffset(), rest.valueOffset() + rest.valueBytes()));
    }
    return regions;
  }

  private DirectoryBlock region(int from, int end) {
    long inodeCount = volume().geometry().inodeCount();
    return DirectoryBlock.region(raw().bytes(), from, end, inodeCount, directory().site());
  }

  private XattrEntry rest() throws CorruptException {
    for (XattrEntry entry :
        XattrEntry.inInode(raw(), directory().extraBytes(), directory().site())) {
      if (XattrNames.isInlineData(entry) && entry.valueInodeNr() == 0) {
        return entry;
      }
    }
    throw directory().site().damage("inline data", "an attribute system.data", "none");
  }

  private DirectoryBlock regionOf(EntryPlace entry) throws CorruptException {
    List<DirectoryBlock> regions = regions();
    boolean isFirst = entry.offset() < RawInode.BLOCK_OFFSET + RawInode.BLOCK_BYTES;
    return regions.get(isFirst ? 0 : regions.size() - 1);
  }

  @Override
  @Nullable EntryPlace find(byte[] name) throws IOException {
    for (DirectoryBlock region : regions()) {
      int at = region.find(name);
      if (at != DirectoryBlock.NOT_FOUND) {
        return new EntryPlace(0, at, region.inodeNr(at));
      }
    }
    return null;
  }

  @Override
  int newBlocksFor(byte[] name) throws IOException {
    for (DirectoryBlock region : regions()) {
      if (region.room(name.length) != DirectoryBlock.NOT_FOUND) {
        return 0;
      }
    }
    return BLOCKS_OF_CONVERSION;
  }

  @Override
  void insert(Handle handle, byte[] name, long inodeNr, int typeCode) throws IOException {
    for (DirectoryBlock region : regions()) {
      int at = region.room(name.length);
      if (at != DirectoryBlock.NOT_FOUND) {
        region.insert(at, name, inodeNr, typeCode);
        return;
      }
    }
    convert(handle).insert(handle, name, inodeNr, typeCode);
  }

  /** Moves the directory into a block. */
  private BlockDirectoryEditor convert(Handle handle) throws IOException {
    ByteBuffer old = raw().copy().bytes();
    List<DirectoryBlock> regions = new ArrayList<>();
    for (DirectoryBlock region : regions()) {
      regions.add(region.over(old));
    }
    long parentNr = parentNr();
    List<StoredXattr> attributes =
        XattrRegion.inInode(raw(), directory().extraBytes(), directory().site());
    attributes.removeIf(attribute -> XattrNames.isInlineData(attribute.key()));
    XattrRegion.putInInode(attributes, raw(), directory().extraBytes());
    raw().setFlags(raw().flags() & ~InodeFlags.INLINE_DATA);
    BlockDirectoryEditor blocks =
        BlockDirectoryEditor.start(files(), handle, directory(), parentNr);
    for (DirectoryBlock region : regions) {
      DirectoryEntries entries = region.entries();
      while (entries.next()) {
        if (entries.inodeNr() != 0 && entries.nameBytes() > 0) {
          byte[] name = new byte[entries.nameBytes()];
          old.get(entries.nameOffset(), name);
          blocks.insert(handle, name, entries.inodeNr(), entries.fileType());
        }
      }
    }
    return blocks;
  }

  @Override
  void erase(Handle handle, EntryPlace entry) throws IOException {
    regionOf(entry).remove(entry.offset());
  }

  @Override
  void overwrite(Handle handle, EntryPlace entry, long inodeNr, int typeCode) throws IOException {
    regionOf(entry).replace(entry.offset(), inodeNr, typeCode);
  }

  @Override
  long parentNr() {
    return raw().blockMap(0);
  }

  @Override
  void setParent(Handle handle, long parentNr) {
    raw().setBlockMap(0, parentNr);
  }

  @Override
  boolean isEmpty() throws IOException {
    for (DirectoryBlock region : regions()) {
      if (region.hasNames()) {
        return false;
      }
    }
    return true;
  }
}
