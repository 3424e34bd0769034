package io.lamina.digest;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import org.jspecify.annotations.Nullable;

/**
 * What OpenSSL's libcrypto offers for digests, since its version 1.1.0. A call that can fail gives
 * 1 when it did not. Public because jnr-ffi writes the class that implements it; {@link Sha256} is
 * what to call.
 *
 * @see <a href="https://docs.openssl.org/3.0/man3/EVP_DigestInit/">EVP_DigestInit(3)</a>
 */
public interface LibCrypto {
  @Nullable Pointer EVP_MD_CTX_new();

  void EVP_MD_CTX_free(Pointer context);

  Pointer EVP_sha256();

  int EVP_DigestInit_ex(Pointer context, Pointer type, @Nullable Pointer engine);

  int EVP_DigestUpdate(Pointer context, @In ByteBuffer bytes, @size_t long byteCount);

  int EVP_DigestFinal_ex(Pointer context, @Out byte[] digest, @Nullable Pointer byteCount);
}
