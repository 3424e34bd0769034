package io.lamina.ext4;

import io.lamina.ext4.format.AclFormat;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.Site;
import io.lamina.ext4.format.XattrEntry;
import io.lamina.ext4.format.XattrNames;
import io.lamina.fs.Name;
import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The extended attributes of inodes: behind the inode's last field, in a block that files may
 * share, and, where they are long, each in an inode of its own.
 */
final class Xattrs {
  private final Volume volume;
  private final InodeTable inodes;
  private final boolean wideBlockNr;

  Xattrs(Volume volume, InodeTable inodes) {
    this.volume = volume;
    this.inodes = inodes;
    this.wideBlockNr = volume.superblock().has(Feature.BIT64);
  }

  /** The names of an inode's attributes, those that are shown. */
  List<Name> names(Inode inode) throws IOException {
    List<Name> names = new ArrayList<>();
    addNames(inInode(inode), names);
    MetadataBlock block = block(inode);
    if (block != null) {
      addNames(XattrEntry.inBlock(block.bytes(), site(inode, block.blockNr())), names);
    }
    return names;
  }

  private static void addNames(List<XattrEntry> entries, List<Name> names) {
    for (XattrEntry entry : entries) {
      String shown = XattrNames.shown(entry);
      if (shown != null) {
        names.add(Name.ofLatin1(shown));
      }
    }
  }

  /** The value of one attribute as it is shown, null where there is none of that name. */
  byte @Nullable [] value(Inode inode, Name name) throws IOException {
    XattrEntry entry = find(inInode(inode), name);
    if (entry != null) {
      return shown(inode, entry, inode.raw().bytes(), inode.site());
    }
    MetadataBlock block = block(inode);
    if (block == null) {
      return null;
    }
    Site site = site(inode, block.blockNr());
    XattrEntry inBlock = find(XattrEntry.inBlock(block.bytes(), site), name);
    return inBlock == null ? null : shown(inode, inBlock, block.bytes(), site);
  }

  private static @Nullable XattrEntry find(List<XattrEntry> entries, Name name) {
    for (XattrEntry entry : entries) {
      if (name.latin1().equals(XattrNames.shown(entry))) {
        return entry;
      }
    }
    return null;
  }

  private static List<XattrEntry> inInode(Inode inode) throws CorruptException {
    return XattrEntry.inInode(inode.raw(), inode.extraBytes(), inode.site());
  }

  /** The block of an inode's attributes, verified; null where it has none. */
  @Nullable MetadataBlock block(Inode inode) throws IOException {
    long blockNr = inode.raw().fileAcl(wideBlockNr);
    if (blockNr == 0) {
      return null;
    }
    if (!volume.geometry().holds(blockNr, 1)) {
      throw inode.site().damage("i_file_acl", "below " + volume.geometry().blockCount(), blockNr);
    }
    MetadataBlock block = volume.block(blockNr);
    // Files share these blocks, whose checksums tell nothing of whose they are.
    if (!block.isVerified(MetadataBlock.Kind.XATTRS, 0)) {
      XattrEntry.verifyBlock(block.bytes(), volume.checksums(), site(inode, blockNr));
      block.setVerified(MetadataBlock.Kind.XATTRS, 0);
    }
    return block;
  }

  private static Site site(Inode inode, long blockNr) {
    return new Site("ext4 xattr block of inode", inode.inodeNr(), blockNr);
  }

  private byte[] shown(Inode inode, XattrEntry entry, ByteBuffer bytes, Site site)
      throws IOException {
    byte[] value =
        entry.valueInodeNr() == 0 ? entry.value(bytes) : valueInInode(inode, entry, site);
    return XattrNames.isAcl(entry) ? AclFormat.shown(value, site) : value;
  }

  private byte[] valueInInode(Inode owner, XattrEntry entry, Site site) throws IOException {
    Inode holder = inodes.inode(entry.valueInodeNr());
    if (!holder.has(InodeFlags.EA_INODE)) {
      throw site.damage("e_value_inum", "an inode that holds a value", entry.valueInodeNr());
    }
    if (holder.raw().size() != entry.valueBytes()) {
      throw site.damage("e_value_size", holder.raw().size(), entry.valueBytes());
    }
    byte[] value = content(holder, entry.valueBytes());
    verifyHash(owner, holder, entry, value, site);
    return value;
  }

  /** Values are written through the journal: their newest blocks may not be in their places. */
  private byte[] content(Inode holder, int byteCount) throws IOException {
    int blockBytes = volume.geometry().blockBytes();
    BlockMap map = BlockMap.of(volume, holder);
    byte[] value = new byte[byteCount];
    for (int at = 0; at < byteCount; at += blockBytes) {
      Run run = map.at(at / blockBytes);
      if (!run.isHole()) {
        volume.block(run.blockNr()).bytes().get(0, value, at, Math.min(blockBytes, byteCount - at));
      }
    }
    return value;
  }

  /** Lustre's older form has no hash: there the holder points back to its owner instead. */
  private void verifyHash(Inode owner, Inode holder, XattrEntry entry, byte[] value, Site site)
      throws CorruptException {
    boolean pointsBack =
        (holder.raw().modificationSeconds() & 0xffff_ffffL) == owner.inodeNr()
            && holder.raw().generation() == owner.raw().generation();
    if (pointsBack) {
      return;
    }
    int hash = volume.checksums().ofValue(value);
    if (hash != holder.raw().accessSeconds()) {
      throw holder.site().badChecksum(hash, holder.raw().accessSeconds());
    }
    if (!entry.hashFits(hash)) {
      throw site.damage("e_hash", "that of the value", String.format("0x%08x", entry.hash()));
    }
  }
}
