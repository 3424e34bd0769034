package io.lamina.fs;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The name of a directory entry or of an extended attribute: bytes, in no encoding. Two names are
 * the same when their bytes are.
 */
public final class Name implements Comparable<Name> {
  /** Each char is one byte: the JDK stores, compares and hashes such strings as byte arrays. */
  private final String latin1;

  private Name(String latin1) {
    this.latin1 = latin1;
  }

  /** A name whose characters stand for one byte each. */
  public static Name ofLatin1(String latin1) {
    return new Name(latin1);
  }

  /** A name written in a program or by a person: its bytes are UTF-8. */
  public static Name of(String text) {
    return ofBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A name of these bytes. */
  public static Name ofBytes(byte[] bytes) {
    return new Name(new String(bytes, StandardCharsets.ISO_8859_1));
  }

  /** A name of some bytes of a buffer, at an absolute position. */
  public static Name ofBytes(ByteBuffer buffer, int from, int byteCount) {
    byte[] bytes = new byte[byteCount];
    buffer.get(from, bytes);
    return ofBytes(bytes);
  }

  /** Its bytes, a copy. */
  public byte[] bytes() {
    return latin1.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Its bytes as characters, one each: for names that go on to a place that keeps bytes. */
  public String latin1() {
    return latin1;
  }

  /** How many bytes it has. */
  public int byteCount() {
    return latin1.length();
  }

  @Override
  public int compareTo(Name other) {
    return latin1.compareTo(other.latin1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Name name && latin1.equals(name.latin1);
  }

  @Override
  public int hashCode() {
    return latin1.hashCode();
  }

  /**
   * For people: as UTF-8 where it is, with octal escapes for control characters and stray bytes.
   */
  @Override
  public String toString() {
    byte[] bytes = bytes();
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.chars().noneMatch(Character::isISOControl)) {
        return text;
      }
    } catch (CharacterCodingException e) {
      // Not UTF-8: shown byte by byte.
    }
    StringBuilder escaped = new StringBuilder();
    for (byte b : bytes) {
      if (b >= ' ' && b < 0x7f) {
        escaped.append((char) b);
      } else {
        escaped.append(String.format("\\%03o", b & 0xff));
      }
    }
    return escaped.toString();
  }
}
