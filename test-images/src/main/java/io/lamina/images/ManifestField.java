package io.lamina.images;

import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What two entries of one path can differ in. */
public enum ManifestField {
  TYPE,
  PERMISSIONS,
  USER,
  GROUP,
  SIZE,
  LINK_COUNT,
  INODE,
  ACCESS_TIME,
  MODIFICATION_TIME,
  CHANGE_TIME,
  SECTORS,
  DEVICE,
  TARGET,
  FLAGS,
  CONTENT,
  XATTRS;

  /** Whether both say the same, or the expected one says nothing of flags. */
  boolean agrees(ManifestEntry expected, ManifestEntry actual) {
    Object wanted = of(expected);
    return (wanted == null && this == FLAGS) || Objects.equals(wanted, of(actual));
  }

  /** What it is in an entry, in words that people read. */
  @Nullable Object of(ManifestEntry entry) {
    return switch (this) {
      case TYPE -> entry.type();
      case PERMISSIONS -> Integer.toOctalString(entry.permissions());
      case USER -> entry.userId();
      case GROUP -> entry.groupId();
      case SIZE -> entry.size();
      case LINK_COUNT -> entry.linkCount();
      case INODE -> entry.inodeNr();
      case ACCESS_TIME -> entry.accessTime();
      case MODIFICATION_TIME -> entry.modificationTime();
      case CHANGE_TIME -> entry.changeTime();
      case SECTORS -> entry.sectorCount();
      case DEVICE -> entry.device();
      case TARGET -> entry.target();
      case FLAGS -> entry.flags() == null ? null : "0x" + Integer.toHexString(entry.flags());
      case CONTENT -> entry.segments() == null ? entry.sha256() : entry.segments();
      case XATTRS -> xattrs(entry);
    };
  }

  private static List<String> xattrs(ManifestEntry entry) {
    return entry.xattrs().entrySet().stream()
        .map(xattr -> xattr.getKey() + "=" + HexFormat.of().formatHex(xattr.getValue()))
        .toList();
  }
}
