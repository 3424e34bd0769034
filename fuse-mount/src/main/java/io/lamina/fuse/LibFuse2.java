package io.lamina.fuse;

import jnr.ffi.Pointer;
import jnr.ffi.types.size_t;
import org.jspecify.annotations.Nullable;

/**
 * What is used of libfuse 2 beyond what jnr-fuse binds. The names are libfuse's.
 *
 * @see <a
 *     href="https://github.com/libfuse/libfuse/blob/fuse-2.9.9/include/fuse_common.h">fuse_common.h</a>
 */
@SuppressWarnings("MemberName")
public interface LibFuse2 {
  /**
   * Mounts as a command line says, and makes a high-level session; null when it cannot.
   *
   * <p>Not by its parts: of {@code fuse_new} there are four versions in the library, and the one
   * found by its name alone is the oldest.
   */
  @Nullable Pointer fuse_setup(
      int argumentCount,
      Pointer arguments,
      Pointer operations,
      @size_t long operationsBytes,
      Pointer mountPoint,
      Pointer multithreaded,
      @Nullable Pointer data);

  /** Unmounts where that has not been done, and gives back all of a session. */
  void fuse_teardown(Pointer fuse, Pointer mountPoint);

  /** The session of a high-level {@code struct fuse}. */
  Pointer fuse_get_session(Pointer fuse);

  /** The one channel of a session, asked for with null. */
  Pointer fuse_session_next_chan(Pointer session, @Nullable Pointer channel);

  /** The file descriptor of a channel: the open {@code /dev/fuse}. */
  int fuse_chan_fd(Pointer channel);

  /** Answers the request in a {@code struct fuse_buf}. */
  void fuse_session_process_buf(Pointer session, Pointer buffer, Pointer channel);
}
