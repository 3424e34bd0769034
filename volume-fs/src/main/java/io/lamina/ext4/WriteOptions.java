package io.lamina.ext4;

/**
 * How a volume is written to.
 *
 * @param discard whether the device is told which blocks become free
 */
public record WriteOptions(boolean discard) {
  /** What is best for most: with discards. */
  public static final WriteOptions DEFAULT = new WriteOptions(true);
}
