package io.lamina.thin.check;

import java.util.Locale;

/** Kinds of things that a check finds. */
public enum Finding {
  /** A structure that breaks its format, or contradicts another. */
  DAMAGE("damaged structures"),
  /** A data block whose count is above the number of its mappings: it is never freed. */
  DATA_LEAK("data blocks counted too often (leaks)"),
  /** A data block whose count is below it: freed, and overwritten, while still in use. */
  DATA_UNDER_COUNT("data blocks counted too rarely"),
  /** A metadata block whose count is above the number of its parents. */
  METADATA_LEAK("metadata blocks counted too often (leaks)"),
  /** A metadata block whose count is below it. */
  METADATA_UNDER_COUNT("metadata blocks counted too rarely");

  private final String plural;

  Finding(String plural) {
    this.plural = plural;
  }

  /** What to call it where a program reads. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What to call several of them. */
  public String plural() {
    return plural;
  }
}
