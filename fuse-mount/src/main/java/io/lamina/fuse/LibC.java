package io.lamina.fuse;

import jnr.ffi.Pointer;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/** What is used of the C library. Addresses are plain numbers: they cost nothing to hand over. */
public interface LibC {
  /** {@code read(2)} into memory at an address. */
  @ssize_t
  long read(int fd, @size_t long address, @size_t long byteCount);

  /** {@code write(2)} from memory at an address. */
  @ssize_t
  long write(int fd, @size_t long address, @size_t long byteCount);

  /** {@code umount2(2)}. */
  int umount2(Pointer path, int flags);

  /** {@code geteuid(2)}. */
  int geteuid();
}
