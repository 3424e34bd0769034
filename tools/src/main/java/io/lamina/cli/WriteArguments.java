package io.lamina.cli;

import io.lamina.thin.WriteOptions;
import io.lamina.thin.WriteOptions.Discard;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How a pool is to be written to. */
final class WriteArguments {
  @Option(
      names = "--discard",
      paramLabel = "KIND",
      converter = DiscardKind.class,
      description = {
        "What becomes of discards: passdown (the default) gives space to the host, nopassdown only"
            + " to the pool, ignore keeps it."
      })
  private Discard discard = WriteOptions.DEFAULT.discard();

  @Option(
      names = "--no-space-timeout",
      paramLabel = "SECONDS",
      converter = Seconds.class,
      description =
          "How long a write waits for room in a full pool before it fails; not at all"
              + " unless given.")
  private Duration noSpaceTimeout = WriteOptions.DEFAULT.noSpaceTimeout();

  @Option(
      names = "--low-water",
      paramLabel = "BLOCKS",
      converter = Blocks.class,
      description = "Log a line when fewer data blocks than this are free.")
  private long lowWaterBlocks = WriteOptions.DEFAULT.lowWaterBlocks();

  @Option(
      names = "--skip-block-zeroing",
      description =
          "Do not zero a new data block that is written to only in part: what it held before, of"
              + " whatever volume, may show there.")
  private boolean skipBlockZeroing = WriteOptions.DEFAULT.skipBlockZeroing();

  WriteOptions options() {
    return new WriteOptions(
        skipBlockZeroing, discard, noSpaceTimeout, lowWaterBlocks, new HostPuncher());
  }

  /** As where nothing is said. */
  static WriteOptions usual() {
    return new WriteArguments().options();
  }

  /** Whether these are what a pool is written to with where nothing is said. */
  static boolean areUsual(WriteOptions options) {
    WriteOptions usual = WriteOptions.DEFAULT;
    return options.skipBlockZeroing() == usual.skipBlockZeroing()
        && options.discard() == usual.discard()
        && options.noSpaceTimeout().equals(usual.noSpaceTimeout())
        && options.lowWaterBlocks() == usual.lowWaterBlocks();
  }

  /** Reads a kind of discard. */
  static final class DiscardKind implements ITypeConverter<Discard> {
    @Override
    public Discard convert(String value) {
      return switch (value) {
        case "ignore" -> Discard.IGNORE;
        case "nopassdown" -> Discard.NO_PASSDOWN;
        case "passdown" -> Discard.PASSDOWN;
        default ->
            throw new TypeConversionException(
                "expected ignore, nopassdown or passdown, found '" + Text.display(value) + "'");
      };
    }
  }

  /** Reads a number that is not negative. */
  static final class Blocks implements ITypeConverter<Long> {
    private static final int MAX_DIGITS = 15;

    @Override
    public Long convert(String value) {
      if (value.length() > MAX_DIGITS || !value.matches("[0-9]+")) {
        throw new TypeConversionException("expected a number, found '" + Text.display(value) + "'");
      }
      return Long.valueOf(value);
    }
  }

  /** Reads seconds. */
  static final class Seconds implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      return Duration.ofSeconds(new Blocks().convert(value));
    }
  }
}
