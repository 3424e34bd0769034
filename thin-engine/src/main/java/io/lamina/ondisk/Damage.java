package io.lamina.ondisk;

/**
 * One thing that breaks its format: thrown by readers inside a {@link CorruptException}, listed by
 * checkers.
 *
 * @param structure what it is: {@code btree node}, {@code ext4 inode 12}
 * @param blockNr the block of its device where it lies
 * @param field the part of it that is wrong
 * @param expected what a sound one would hold
 * @param found what is there
 */
public record Damage(String structure, long blockNr, String field, String expected, String found) {
  /** A damage whose values are numbers, shown in decimal. */
  public static Damage ofNumbers(
      String structure, long blockNr, String field, long expected, long found) {
    return new Damage(
        structure, blockNr, field, Long.toUnsignedString(expected), Long.toUnsignedString(found));
  }

  /** A damage whose values are 32-bit checksums, shown in hexadecimal. */
  public static Damage ofChecksum(String structure, long blockNr, int expected, int found) {
    return new Damage(structure, blockNr, "checksum", hex(expected), hex(found));
  }

  private static String hex(int value) {
    return String.format("0x%08x", value);
  }

  /** One line: structure, block, field, expected, found. */
  @Override
  public String toString() {
    return structure
        + " at block "
        + Long.toUnsignedString(blockNr)
        + ": "
        + field
        + ": expected "
        + expected
        + ", found "
        + found;
  }
}
