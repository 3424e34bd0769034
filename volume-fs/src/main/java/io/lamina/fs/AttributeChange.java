package io.lamina.fs;

import org.jspecify.annotations.Nullable;

/**
 * Attributes to be changed together; what is null stays as it is. The change time becomes now,
 * whatever is changed.
 *
 * @param permissions the low 12 bits of {@code st_mode}
 * @param userId owner, unsigned 32 bits
 * @param groupId group, unsigned 32 bits
 * @param size of a regular file, in bytes: what is cut off is gone, what is added reads as zeroes
 * @param accessTime the new {@code atime}
 * @param modificationTime the new {@code mtime}
 */
public record AttributeChange(
    @Nullable Integer permissions,
    @Nullable Long userId,
    @Nullable Long groupId,
    @Nullable Long size,
    @Nullable Timestamp accessTime,
    @Nullable Timestamp modificationTime) {
  /** Nothing, to start from. */
  public static final AttributeChange NONE =
      new AttributeChange(null, null, null, null, null, null);

  /** This and new permissions: the low 12 bits of {@code st_mode}. */
  public AttributeChange withPermissions(int newPermissions) {
    return new AttributeChange(newPermissions, userId, groupId, size, accessTime, modificationTime);
  }

  /** This and a new owner and group. */
  public AttributeChange withOwner(Owner owner) {
    return new AttributeChange(
        permissions, owner.userId(), owner.groupId(), size, accessTime, modificationTime);
  }

  /** This and a new length in bytes. */
  public AttributeChange withSize(long newSize) {
    return new AttributeChange(permissions, userId, groupId, newSize, accessTime, modificationTime);
  }

  /** This and new times; null leaves one as it is. */
  public AttributeChange withTimes(
      @Nullable Timestamp newAccessTime, @Nullable Timestamp newModificationTime) {
    return new AttributeChange(
        permissions, userId, groupId, size, newAccessTime, newModificationTime);
  }
}
