package io.lamina.fs.host;

import java.nio.ByteBuffer;
import jnr.ffi.annotations.In;

/**
 * The C library's own functions, as jnr-ffi binds them. Names end with a zero byte. Public because
 * jnr-ffi writes the class that implements it; {@link Libc} is what to call.
 */
public interface CLibrary {
  int openat(int directory, @In byte[] name, int flags, int mode);

  int close(int fd);

  int mkdirat(int directory, @In byte[] name, int mode);

  int mknodat(int directory, @In byte[] name, int mode, long device);

  int symlinkat(@In byte[] target, int directory, @In byte[] name);

  int linkat(int oldDirectory, @In byte[] oldName, int directory, @In byte[] name, int flags);

  int unlinkat(int directory, @In byte[] name, int flags);

  int fchown(int fd, int userId, int groupId);

  int fchownat(int directory, @In byte[] name, int userId, int groupId, int flags);

  int fchmod(int fd, int mode);

  int fchmodat(int directory, @In byte[] name, int mode, int flags);

  int futimens(int fd, @In long[] times);

  int utimensat(int directory, @In byte[] name, @In long[] times, int flags);

  int fsetxattr(int fd, @In byte[] name, @In byte[] value, long byteCount, int flags);

  int lsetxattr(@In byte[] path, @In byte[] name, @In byte[] value, long byteCount, int flags);

  long pwrite(int fd, @In ByteBuffer bytes, long byteCount, long offset);

  int ftruncate(int fd, long length);

  int fallocate(int fd, int mode, long offset, long length);

  long lseek(int fd, long offset, int whence);

  int umask(int mask);

  int geteuid();
}
