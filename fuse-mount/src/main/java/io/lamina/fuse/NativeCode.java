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

/** The native libraries, loaded when first needed. */
final class NativeCode {
  private static final String LIBFUSE = "libfuse.so.2";

  private NativeCode() {}

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
   * One of libfuse's faces.
   *
   * @throws IOException when this machine has no libfuse 2
   */
  static <T> T libfuse(Class<T> face) throws IOException {
    try {
      return LibraryLoader.create(face).failImmediately().load(LIBFUSE);
    } catch (UnsatisfiedLinkError e) {
      throw new IOException(LIBFUSE + " is not installed (Debian: apt install libfuse2 fuse)", e);
    }
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
