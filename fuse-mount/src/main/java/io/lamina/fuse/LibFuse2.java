package io.lamina.fuse;

import jnr.ffi.Pointer;

/**
 * What is used of libfuse 2 beyond what jnr-fuse binds. The names are libfuse's.
 *
 * @see <a
 *     href="https://github.com/libfuse/libfuse/blob/fuse-2.9.9/include/fuse_common.h">fuse_common.h</a>
 */
@SuppressWarnings("MemberName")
public interface LibFuse2 {
  /** Mounts at a path, by {@code mount(2)} or fusermount; gives a channel, or null. */
  Pointer fuse_mount(Pointer path, Pointer args);

  /** The file descriptor of a channel: the open {@code /dev/fuse}. */
  int fuse_chan_fd(Pointer channel);
}
