package io.lamina.ext4;

import io.lamina.fs.Timestamp;
import java.io.IOException;

/**
 * Deletes files that have neither names nor holders: their blocks, their attributes, then their
 * inodes. They are on the list of orphans until the handle that does the last of it.
 */
final class FileDeletion implements LiveInodes.Deletion {
  private static final int INODE_CREDITS = 8;

  private final Files files;
  private final Writing writing;
  private final XattrStore xattrs;

  FileDeletion(Files files, Writing writing, XattrStore xattrs) {
    this.files = files;
    this.writing = writing;
    this.xattrs = xattrs;
  }

  @Override
  public void delete(WritableInode inode) throws IOException {
    try (LockedFiles values = new LockedFiles(files)) {
      inode.lock().writeLock().lock();
      try {
        if (inode.raw().linkCount() > 0) {
          return; // it was made without a name, and has got one before it could be locked
        }
        new FileContent(files, inode)
            .delete(
                INODE_CREDITS + XattrStore.CREDITS,
                handle -> {
                  free(handle, inode, values);
                  return true;
                });
      } finally {
        inode.lock().writeLock().unlock();
      }
    }
  }

  private void free(Handle handle, WritableInode inode, LockedFiles values) throws IOException {
    xattrs.release(handle, inode, values);
    writing.orphans().remove(handle, inode);
    inode.raw().setDeletionTime(Timestamp.now().seconds());
    inode.setDeleted();
    inode.storeContent(handle);
    writing.inodes().free(handle, inode); // from here on its number may be another's
  }
}
