package io.lamina.ext4;

/**
 * How a volume is written to.
 *
 * @param discard whether the device is told which blocks become free
 * @param accessTimes whether reading sets access times, by the rules of {@code relatime}
 */
public record WriteOptions(boolean discard, boolean accessTimes) {
  /** What is best for most: with both. */
  public static final WriteOptions DEFAULT = new WriteOptions(true, true);
}
