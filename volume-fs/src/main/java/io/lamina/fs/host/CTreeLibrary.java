package io.lamina.fs.host;

import java.nio.ByteBuffer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/**
 * Functions of the C library that only a {@link HostTree} needs: binding takes time, and most
 * commands open none. Names end with a zero byte. Public because jnr-ffi writes the class that
 * implements it; {@link TreeCalls} is what to call.
 */
public interface CTreeLibrary {
  int openat(int directory, @In byte[] name, int flags, int mode);

  int close(int fd);

  int geteuid();

  int statx(int directory, @In byte[] name, int flags, int mask, @Out ByteBuffer attributes);

  int fstatvfs(int fd, @Out ByteBuffer space);

  int syncfs(int fd);

  int fsync(int fd);

  int fdatasync(int fd);

  int mkdirat(int directory, @In byte[] name, int mode);

  int mknodat(int directory, @In byte[] name, int mode, long device);

  int symlinkat(@In byte[] target, int directory, @In byte[] name);

  int linkat(int oldDirectory, @In byte[] oldName, int directory, @In byte[] name, int flags);

  int unlinkat(int directory, @In byte[] name, int flags);

  int renameat(int directory, @In byte[] name, int newDirectory, @In byte[] newName);

  int renameat2(int directory, @In byte[] name, int newDirectory, @In byte[] newName, int flags);

  int fchownat(int directory, @In byte[] name, int userId, int groupId, int flags);

  int chmod(@In byte[] path, int mode);

  int truncate(@In byte[] path, long length);

  int utimensat(int directory, @In byte[] name, @In long[] times, int flags);

  long readlinkat(int directory, @In byte[] name, @Out ByteBuffer target, long byteCount);

  long getdents64(int fd, @Out ByteBuffer entries, long byteCount);

  long getxattr(@In byte[] path, @In byte[] name, @Out byte[] value, long byteCount);

  long listxattr(@In byte[] path, @Out byte[] names, long byteCount);

  int setxattr(@In byte[] path, @In byte[] name, @In byte[] value, long byteCount, int flags);

  int removexattr(@In byte[] path, @In byte[] name);

  int ioctl(int fd, long request, @In @Out int[] flags);

  long pread(int fd, @Out ByteBuffer bytes, long byteCount, long offset);

  long pwrite(int fd, @In ByteBuffer bytes, long byteCount, long offset);

  int ftruncate(int fd, long length);

  int fallocate(int fd, int mode, long offset, long length);

  long lseek(int fd, long offset, int whence);

  int getrlimit(int resource, @Out long[] limits);
}
