package io.lamina.ext4;

import io.lamina.ext4.format.DirectoryEntries;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.NameHash;
import io.lamina.ext4.format.NoKeyName;
import io.lamina.fs.Name;
import io.lamina.ondisk.CorruptException;
import java.nio.ByteBuffer;

/**
 * The names of a directory as they are shown: as they are stored, or, where they are encrypted, in
 * the form that the kernel makes up while it has no key.
 */
final class ShownNames {
  private static final NameHash NO_HASH = new NameHash(0, 0);

  private final Volume volume;
  private final Inode inode;
  private final boolean made;
  private final boolean casefolded;

  ShownNames(Volume volume, Inode inode) {
    this.volume = volume;
    this.inode = inode;
    this.made = inode.has(InodeFlags.ENCRYPT);
    this.casefolded = inode.has(InodeFlags.CASEFOLD);
  }

  /** Whether they are made up, rather than stored. */
  boolean areMade() {
    return made;
  }

  /** Whether names that differ only in case are the same; of encrypted names nobody can tell. */
  boolean areFolded() {
    return casefolded && !made;
  }

  /** What all names have in common that are the same as this one. */
  Name key(Name name) {
    return areFolded() ? FoldedName.of(name) : name;
  }

  /** The name of an entry. */
  Name of(DirectoryEntries entry, ByteBuffer bytes) throws CorruptException {
    if (!made) {
      return Name.ofBytes(bytes, entry.nameOffset(), entry.nameBytes());
    }
    byte[] encrypted = new byte[entry.nameBytes()];
    bytes.get(entry.nameOffset(), encrypted);
    NameHash hash = casefolded ? new NameHash(entry.hash(), entry.minorHash()) : hashOf(encrypted);
    return Name.ofBytes(NoKeyName.of(encrypted, hash, inode.site()));
  }

  /** The kernel knows the hash of a name where it reads the directory by hashes. */
  private NameHash hashOf(byte[] encrypted) {
    int version = volume.superblock().defaultHashVersion();
    boolean byHash =
        volume.hasDirectoryIndex()
            && (inode.has(InodeFlags.INDEX)
                || inode.has(InodeFlags.INLINE_DATA)
                || inode.size() / volume.geometry().blockBytes() == 1);
    if (!byHash || !NameHash.isKnown(version)) {
      return NO_HASH;
    }
    return NameHash.of(
        encrypted,
        NameHash.effectiveVersion(version, volume.superblock().hashesUnsigned()),
        volume.hashSeed());
  }
}
