package io.lamina.digest;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import jnr.ffi.LibraryLoader;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 of much data. It is an instruction of the processor, which of Java's compilers only the
 * optimizing one knows, once it has run for a while. So it is libcrypto's where this machine has
 * one, else Java's own.
 */
public final class Sha256 {
  /** Of OpenSSL 3, and of 1.1.1. */
  private static final String[] LIBRARIES = {"libcrypto.so.3", "libcrypto.so.1.1"};

  private Sha256() {}

  /** A digest of nothing yet, to be used by one thread at a time. */
  public static MessageDigest start() {
    LibCrypto crypto = Loaded.CRYPTO;
    return crypto == null ? ofJava() : new NativeSha256(crypto);
  }

  private static MessageDigest ofJava() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  private static final class Loaded {
    static final @Nullable LibCrypto CRYPTO = anyOf(LIBRARIES);
  }

  /** The first of these libraries that can be used; null where there is none. */
  static @Nullable LibCrypto anyOf(String... libraries) {
    for (String library : libraries) {
      LibCrypto crypto = opened(library);
      if (crypto != null) {
        return crypto;
      }
    }
    return null;
  }

  /**
   * Null where it is not there, lacks one of the functions, or was told not to digest like this.
   */
  private static @Nullable LibCrypto opened(String library) {
    try {
      LibCrypto crypto = LibraryLoader.create(LibCrypto.class).failImmediately().load(library);
      new NativeSha256(crypto).digest();
      return crypto;
    } catch (LinkageError | IllegalStateException e) {
      return null;
    }
  }
}
