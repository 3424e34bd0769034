package io.lamina.graph;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The id of an image, a layer or a container: 64 hexadecimal digits, which since docker 1.10 stand
 * behind {@code sha256:} where they are a digest.
 *
 * @param prefix {@code sha256:} or nothing
 * @param hex the digits
 */
public record Id(String prefix, String hex) implements Comparable<Id> {
  /** What stands before the digits of a digest. */
  public static final String SHA256 = "sha256:";

  /** As many digits as docker shows. */
  private static final int SHORT_LENGTH = 12;

  private static final int BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern DECIMAL = Pattern.compile("[0-9]+");
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  /** Checks nothing away: an id is well-formed or none. */
  public Id {
    if (!(prefix.isEmpty() || prefix.equals(SHA256)) || !isHex(hex)) {
      throw new IllegalArgumentException(prefix + hex);
    }
  }

  /** By hand: who opens a store first would wait for the method handles that a record brings. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Id id && hex.equals(id.hex) && prefix.equals(id.prefix);
  }

  @Override
  public int hashCode() {
    return hex.hashCode();
  }

  /** The digest of these digits. */
  public static Id digest(String hex) {
    return new Id(SHA256, hex);
  }

  /** The digest of some bytes. */
  public static Id digestOf(byte[] bytes) {
    return digest(HexFormat.of().formatHex(sha256().digest(bytes)));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /**
   * A new id, as docker makes one for a container: its first digits are never all decimal, so that
   * it is not taken for a number.
   */
  public static Id random() {
    byte[] bytes = new byte[BYTES];
    Id id;
    do {
      RANDOM.nextBytes(bytes);
      id = random(HexFormat.of().formatHex(bytes));
    } while (DECIMAL.matcher(id.truncated()).matches());
    return id;
  }

  /** The id of these digits, no digest. */
  public static Id random(String hex) {
    return new Id("", hex);
  }

  /** Whether something is 64 hexadecimal digits. */
  public static boolean isHex(String text) {
    return HEX.matcher(text).matches();
  }

  /** Whether something is the text of an id. */
  public static boolean isId(String text) {
    return isHex(withoutPrefix(text));
  }

  /**
   * The id that stands in a record.
   *
   * @param where names the record, for the message
   */
  public static Id parse(String where, String text) throws IOException {
    String hex = withoutPrefix(text);
    if (!isHex(hex)) {
      String found = text.length() > 80 ? text.substring(0, 80) + "..." : text;
      throw new IOException(
          where + ": expected an id of 64 hexadecimal digits, found '" + found + "'");
    }
    return new Id(hex.length() == text.length() ? "" : SHA256, hex);
  }

  private static String withoutPrefix(String text) {
    return text.startsWith(SHA256) ? text.substring(SHA256.length()) : text;
  }

  /** Whether it is the digest of what it names. */
  public boolean isDigest() {
    return !prefix.isEmpty();
  }

  /** Its text in full. */
  public String text() {
    return prefix + hex;
  }

  /** Its first digits, as docker shows it. */
  public String truncated() {
    return hex.substring(0, SHORT_LENGTH);
  }

  /** Whether somebody may have meant it: the first digits of it, with or without the prefix. */
  boolean startsWith(String text) {
    return !text.isEmpty() && (hex.startsWith(text) || text().startsWith(text));
  }

  @Override
  public int compareTo(Id other) {
    return text().compareTo(other.text());
  }

  @Override
  public String toString() {
    return text();
  }
}
