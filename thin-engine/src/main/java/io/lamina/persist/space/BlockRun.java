package io.lamina.persist.space;

/**
 * Neighbouring blocks.
 *
 * @param first the first of them
 * @param count how many, at least one
 */
public record BlockRun(long first, long count) {
  /** The block behind the last. */
  public long end() {
    return first + count;
  }
}
