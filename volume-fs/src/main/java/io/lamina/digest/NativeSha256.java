package io.lamina.digest;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.function.IntSupplier;
import jnr.ffi.Pointer;

/** libcrypto's SHA-256. */
final class NativeSha256 extends MessageDigest {
  private static final int DIGEST_BYTES = 32;

  /** So many that the call costs nothing beside them, so few that they stay in the cache. */
  private static final int PIECE_BYTES = 1 << 16;

  private static final Cleaner CLEANER = Cleaner.create();

  private final LibCrypto crypto;
  private final Pointer type;
  private final Pointer context;
  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);

  NativeSha256(LibCrypto crypto) {
    super("SHA-256");
    this.crypto = crypto;
    type = crypto.EVP_sha256();
    Pointer made = crypto.EVP_MD_CTX_new();
    if (made == null) {
      throw new OutOfMemoryError("no memory for a digest");
    }
    context = made;
    CLEANER.register(this, () -> crypto.EVP_MD_CTX_free(made));
    engineReset();
  }

  @Override
  protected int engineGetDigestLength() {
    return DIGEST_BYTES;
  }

  @Override
  protected void engineReset() {
    piece.clear();
    require(() -> crypto.EVP_DigestInit_ex(context, type, null));
  }

  @Override
  protected void engineUpdate(byte input) {
    piece.put(input);
    if (!piece.hasRemaining()) {
      digestPiece();
    }
  }

  @Override
  protected void engineUpdate(byte[] input, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      int count = Math.min(end - at, piece.remaining());
      piece.put(input, at, count);
      at += count;
      if (!piece.hasRemaining()) {
        digestPiece();
      }
    }
  }

  private void digestPiece() {
    piece.flip();
    require(() -> crypto.EVP_DigestUpdate(context, piece, piece.remaining()));
    piece.clear();
  }

  @Override
  protected byte[] engineDigest() {
    digestPiece();
    byte[] digest = new byte[DIGEST_BYTES];
    require(() -> crypto.EVP_DigestFinal_ex(context, digest, null));
    engineReset();
    return digest;
  }

  /** What fails is want of memory, or wrong use. The context is not freed meanwhile. */
  private void require(IntSupplier call) {
    try {
      if (call.getAsInt() != 1) {
        throw new IllegalStateException("libcrypto: SHA-256 failed");
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
