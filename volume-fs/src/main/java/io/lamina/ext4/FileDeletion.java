package io.lamina.ext4;

import java.io.IOException;

/** Deletes files that have neither names nor holders: their blocks, then the inode. */
final class FileDeletion implements LiveInodes.Deletion {
  /** The inode, its bitmap and group, the orphan before it; attributes have their own. */
  private static final int CREDITS = 8;

  private static final int MILLIS = 1000;

  private final Files files;
  private final Writing writing;

  FileDeletion(Files files, Writing writing) {
    this.files = files;
    this.writing = writing;
  }

  @Override
  public void delete(WritableInode inode) throws IOException {
    inode.lock().writeLock().lock();
    try {
      new FileContent(files, inode).delete(CREDITS, handle -> free(handle, inode));
    } finally {
      inode.lock().writeLock().unlock();
    }
  }

  private boolean free(Handle handle, WritableInode inode) throws IOException {
    writing.orphans().remove(handle, inode);
    inode.raw().setDeletionTime(System.currentTimeMillis() / MILLIS);
    inode.setDeleted();
    inode.storeContent(handle);
    writing.inodes().free(handle, inode);
    return true;
  }
}
