package io.lamina.mount;

import io.lamina.thin.PoolMode;
import io.lamina.thin.PoolStatus;
import java.util.Locale;
import java.util.OptionalLong;

/** What {@code status} says: first the kernel's line, then the same for people. */
final class StatusText {
  private static final int SECTOR_BYTES = 512;
  private static final int METADATA_BLOCK_BYTES = 4096;
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private StatusText() {}

  static String of(String source, PoolStatus s, int volumeCount) {
    return kernelLine(s) + "\n\n" + forPeople(source, s, volumeCount);
  }

  /**
   * As {@code dmsetup status}: start and length in sectors, target, transaction, metadata blocks,
   * data blocks, held root, mode, what is done with discards and without space, needs_check.
   */
  private static String kernelLine(PoolStatus s) {
    long sectorCount = s.dataBlockCount() * (s.dataBlockBytes() / SECTOR_BYTES);
    return String.format(
        Locale.ROOT,
        "0 %d thin-pool %d %d/%d %d/%d %s %s %s error_if_no_space %s",
        sectorCount,
        s.transactionId(),
        s.usedMetadataBlocks(),
        s.metadataBlockCount(),
        s.usedDataBlocks(),
        s.dataBlockCount(),
        number(s.heldRoot(), "-"),
        s.mode().word(),
        s.mode() == PoolMode.READ_ONLY ? "ignore_discard" : "discard_passdown",
        s.needsCheck() ? "needs_check" : "-");
  }

  private static String forPeople(String source, PoolStatus s, int volumeCount) {
    StringBuilder text = new StringBuilder();
    line(text, "pool", source);
    line(text, "volumes", Integer.toString(volumeCount));
    line(text, "data", space(s.usedDataBlocks(), s.dataBlockCount(), s.dataBlockBytes()));
    line(text, "data block", size(s.dataBlockBytes()));
    line(
        text,
        "metadata",
        space(s.usedMetadataBlocks(), s.metadataBlockCount(), METADATA_BLOCK_BYTES));
    line(text, "transaction", Long.toUnsignedString(s.transactionId()));
    line(text, "metadata snapshot", number(s.heldRoot(), "none"));
    line(text, "mode", mode(s.mode()) + (s.needsCheck() ? ", needs a check" : ""));
    line(text, "served by process", Long.toString(ProcessHandle.current().pid()));
    return text.toString();
  }

  private static String mode(PoolMode mode) {
    return switch (mode) {
      case WRITE -> "read and write";
      case OUT_OF_DATA_SPACE -> "read and write, no data space left";
      case READ_ONLY -> "read-only";
      case FAIL -> "failed";
    };
  }

  private static void line(StringBuilder text, String label, String value) {
    text.append(String.format(Locale.ROOT, "%-18s %s%n", label, value));
  }

  private static String number(OptionalLong value, String whereNone) {
    return value.isPresent() ? Long.toUnsignedString(value.getAsLong()) : whereNone;
  }

  private static String space(long usedBlocks, long blockCount, int blockBytes) {
    double percent = blockCount == 0 ? 0 : 100.0 * usedBlocks / blockCount;
    return String.format(
        Locale.ROOT,
        "%s of %s used (%.1f %%)",
        size((double) usedBlocks * blockBytes),
        size((double) blockCount * blockBytes),
        percent);
  }

  private static String size(double byteCount) {
    double value = byteCount;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
  }
}
