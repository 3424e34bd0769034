package io.lamina.thin.check;

/** Hears how far a check has come. */
@FunctionalInterface
public interface CheckProgress {
  /** Tells nobody. */
  CheckProgress NONE = seen -> {};

  /**
   * One more block.
   *
   * @param seen how many references to metadata blocks were followed so far
   */
  void blocks(long seen);
}
