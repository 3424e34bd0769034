package io.lamina.fs;

/** Hears of names that come to mean another file, or none, without a call that said so. */
@FunctionalInterface
public interface EntryListener {
  /**
   * What this name of a directory was found to be does not hold any more. It returns at once,
   * whatever locks the caller holds.
   */
  void entryChanged(Node directory, Name name);
}
