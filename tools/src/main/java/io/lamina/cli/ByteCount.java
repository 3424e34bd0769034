package io.lamina.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes as it is typed: {@code 4096}, {@code 64K}, {@code 10G}, {@code 1GiB}. */
record ByteCount(long bytes) {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,18})(?:([KMGTP])(?:I?B)?)?");
  private static final String UNITS = "KMGTP";
  private static final long MAX = 1L << 56;

  /** Reads one; units are powers of 1024. */
  static final class Converter implements ITypeConverter<ByteCount> {
    @Override
    public ByteCount convert(String value) {
      Matcher parts = FORM.matcher(value.toUpperCase(Locale.ROOT));
      if (!parts.matches()) {
        throw new TypeConversionException(
            "'"
                + Text.display(value)
                + "' is no size: expected a number, or one with K, M, G or T");
      }
      long number = Long.parseLong(parts.group(1));
      int shift = parts.group(2) == null ? 0 : 10 * (UNITS.indexOf(parts.group(2)) + 1);
      if (number > MAX >> shift) {
        throw new TypeConversionException("'" + value + "' is too large a size");
      }
      return new ByteCount(number << shift);
    }
  }
}
