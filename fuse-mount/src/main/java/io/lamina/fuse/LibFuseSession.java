package io.lamina.fuse;

import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fuse.FuseDevice.Memory;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.FuseStubFS;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * libfuse's session with jnr-fuse's operations above it, from the mount to its end. It carries
 * every mount; alone, it also answers for files, where the kernel's protocol is older than ours.
 */
final class LibFuseSession implements Session {
  private static final int FUSE_BUF_BYTES = 40;
  private static final int SIZE_AT = 0;
  private static final int MEMORY_AT = 16;
  private static final int FD_AT = 24;

  /** How libfuse answers, where it does. */
  private static final String ANSWERING = ",use_ino,big_writes";

  private final LibFuse2 libfuse;
  private final Callbacks callbacks;
  private final Pointer mountPoint;
  private final Pointer fuse;
  private final Pointer session;
  private final Pointer channel;

  /** jnr-fuse's operations, within reach. */
  abstract static class Callbacks extends FuseStubFS {
    FuseOperations operations() {
      return fuseOperations;
    }

    /** Names were changed by others than these callbacks. */
    abstract void forgetNames();

    /** Closes what is open. */
    abstract void letGo();
  }

  private LibFuseSession(LibFuse2 libfuse, Callbacks callbacks, Pointer fuse, Pointer mountPoint) {
    this.libfuse = libfuse;
    this.callbacks = callbacks;
    this.fuse = fuse;
    this.mountPoint = mountPoint;
    this.session = libfuse.fuse_get_session(fuse);
    this.channel = libfuse.fuse_session_next_chan(session, null);
  }

  /**
   * Mounts; requests wait until somebody receives them.
   *
   * @param options of the mount, separated by commas
   */
  static LibFuseSession mounted(Path directory, String options, Callbacks callbacks)
      throws IOException {
    LibFuse2 libfuse = NativeCode.libfuse();
    // In the foreground: libfuse would fork, which no JVM survives.
    Arguments arguments =
        new Arguments(
            List.of(
                NativeCode.text(FuseOptions.SUBTYPE),
                NativeCode.text("-f"),
                NativeCode.text("-o" + options + ANSWERING),
                NativeCode.path(directory)));
    Pointer mountPoint = NativeCode.memory(Long.BYTES);
    Pointer multithreaded = NativeCode.memory(Integer.BYTES);
    try {
      Pointer fuse =
          libfuse.fuse_setup(
              arguments.count(),
              arguments.array(),
              Struct.getMemory(callbacks.operations()),
              Struct.size(callbacks.operations()),
              mountPoint,
              multithreaded,
              null);
      if (fuse == null) {
        throw new IOException(directory + ": could not be mounted (-o " + options + ")");
      }
      return new LibFuseSession(libfuse, callbacks, fuse, mountPoint.getPointer(0));
    } finally {
      Reference.reachabilityFence(arguments);
    }
  }

  /** Where this session's requests come from. */
  FuseDevice device() {
    return new FuseDevice(libfuse.fuse_chan_fd(channel));
  }

  @Override
  public Worker worker() {
    Pointer buffer = NativeCode.memory(FUSE_BUF_BYTES);
    return request -> process(request, buffer);
  }

  private void process(Memory request, Pointer buffer) {
    buffer.putLong(SIZE_AT, request.bytes().limit());
    buffer.putAddress(MEMORY_AT, request.address());
    buffer.putInt(FD_AT, -1);
    libfuse.fuse_session_process_buf(session, buffer, channel);
  }

  /** The kernel itself cannot be told; it asks again soon, where things can change. */
  @Override
  public void entryChanged(Node directory, Name name) {
    callbacks.forgetNames();
  }

  @Override
  public void letGo() {
    callbacks.letGo();
  }

  @Override
  public void close() {
    try {
      libfuse.fuse_teardown(fuse, mountPoint);
    } finally {
      Reference.reachabilityFence(callbacks);
    }
  }
}
