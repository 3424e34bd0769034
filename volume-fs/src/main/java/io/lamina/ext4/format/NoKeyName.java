package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * The name under which an encrypted name is shown while its key is not there: the hash of its
 * directory, its first 149 bytes and a digest of the rest, in the alphabet of base64url.
 *
 * @see <a href="https://github.com/torvalds/linux/blob/master/fs/crypto/fname.c">crypto/fname.c</a>
 */
public final class NoKeyName {
  private static final int MIN_BYTES = 16;
  private static final int PLAIN_BYTES = 149;
  private static final int HASH_BYTES = 8;
  private static final int DIGEST_BYTES = 32;

  private NoKeyName() {}

  /**
   * The shown name of an encrypted one.
   *
   * @param hash its place in the directory, zeroes where that has none
   */
  public static byte[] of(byte[] encrypted, NameHash hash, Site site) throws CorruptException {
    if (encrypted.length < MIN_BYTES) {
      throw site.damage("encrypted name", "at least 16 bytes", encrypted.length);
    }
    boolean isLong = encrypted.length > PLAIN_BYTES;
    int byteCount = HASH_BYTES + (isLong ? PLAIN_BYTES + DIGEST_BYTES : encrypted.length);
    ByteBuffer name = ByteBuffer.allocate(byteCount).order(ByteOrder.LITTLE_ENDIAN);
    name.putInt(hash.major()).putInt(hash.minor());
    name.put(encrypted, 0, Math.min(encrypted.length, PLAIN_BYTES));
    if (isLong) {
      name.put(sha256(Arrays.copyOfRange(encrypted, PLAIN_BYTES, encrypted.length)));
    }
    return Base64.getUrlEncoder().withoutPadding().encode(name.array());
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
