package io.lamina.fuse;

import com.kenai.jffi.MemoryIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The native libraries, loaded when first needed. */
final class NativeCode {
  private static final Logger LOG = LoggerFactory.getLogger(NativeCode.class);
  private static final String LIBFUSE = "libfuse.so.2";

  private static @Nullable LibFuse2 libfuse;

  private NativeCode() {}

  /** Loads both; what fails here fails again, and is told, where it is needed. */
  static void load() {
    try {
      libc().geteuid();
      libfuse();
    } catch (IOException | LinkageError e) {
      LOG.debug("native libraries: {}", e.getMessage());
    }
  }

  private static final class LibCHolder {
    static final LibC LIBC = LibraryLoader.create(LibC.class).failImmediately().load("c");
    static final Runtime RUNTIME = Runtime.getRuntime(LIBC);
  }

  static LibC libc() {
    return LibCHolder.LIBC;
  }

  static Runtime runtime() {
    return LibCHolder.RUNTIME;
  }

  static int lastErrno() {
    return LibCHolder.RUNTIME.getLastError();
  }

  /**
   * libfuse 2, loaded once.
   *
   * @throws IOException when this machine has none
   */
  static synchronized LibFuse2 libfuse() throws IOException {
    LibFuse2 known = libfuse;
    if (known == null) {
      try {
        known = LibraryLoader.create(LibFuse2.class).failImmediately().load(LIBFUSE);
      } catch (UnsatisfiedLinkError e) {
        throw new IOException(LIBFUSE + " is not installed (Debian: apt install libfuse2 fuse)", e);
      }
      libfuse = known;
    }
    return known;
  }

  /** A string of C, in the encoding of file names. */
  static Pointer path(Path path) {
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    return cString(path.toString().getBytes(Charset.forName(encoding)));
  }

  static Pointer text(String text) {
    return cString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Memory that native code can reach, all zero, valid as long as the pointer is reachable. */
  static Pointer memory(int byteCount) {
    return runtime().getMemoryManager().allocateDirect(byteCount, true);
  }

  private static Pointer cString(byte[] bytes) {
    Pointer memory = memory(bytes.length + 1);
    memory.put(0, bytes, 0, bytes.length);
    return memory;
  }

  /** Memory that native code can reach, in the machine's byte order. */
  static ByteBuffer buffer(int byteCount) {
    return ByteBuffer.allocateDirect(byteCount).order(ByteOrder.nativeOrder());
  }

  static long address(ByteBuffer buffer) {
    return Pointer.wrap(runtime(), buffer).address();
  }

  /** Native memory as a buffer, nothing copied. */
  static ByteBuffer bytes(Pointer memory, int byteCount) {
    return MemoryIO.getInstance()
        .newDirectByteBuffer(memory.address(), byteCount)
        .order(ByteOrder.nativeOrder());
  }
}
