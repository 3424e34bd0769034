package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where some bytes came from, so that a complaint about them can say it.
 *
 * @param structure what they are, the number of what they belong to left out: {@code ext4 inode}
 * @param ownerNr the inode or the block group that they belong to, -1 for none
 * @param blockNr the block of the file system that they were read from
 */
public record Site(String structure, long ownerNr, long blockNr) {
  private static final Pattern OF_INODE = Pattern.compile("\\binode ([0-9]{1,10})$");

  /** A complaint about a number. */
  public CorruptException damage(String field, long expected, long found) {
    return damage(field, Long.toUnsignedString(expected), Long.toUnsignedString(found));
  }

  /** A complaint about a field. */
  public CorruptException damage(String field, String expected, String found) {
    return new CorruptException(new Damage(toString(), blockNr, field, expected, found));
  }

  /** A complaint about a field whose value is a number. */
  public CorruptException damage(String field, String expected, long found) {
    return damage(field, expected, Long.toUnsignedString(found));
  }

  /** A complaint about a checksum. */
  public CorruptException badChecksum(int expected, int found) {
    return new CorruptException(Damage.ofChecksum(toString(), blockNr, expected, found));
  }

  /** The inode that a complaint of some site is about, 0 where it is not about one. */
  public static long inodeNr(Damage damage) {
    Matcher named = OF_INODE.matcher(damage.structure());
    return named.find() ? Long.parseUnsignedLong(named.group(1)) : 0;
  }

  /** {@code ext4 inode 12}. */
  @Override
  public String toString() {
    return ownerNr < 0 ? structure : structure + " " + Long.toUnsignedString(ownerNr);
  }
}
