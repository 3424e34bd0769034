package io.lamina.cli.format;

import java.util.LinkedHashMap;

/** A row of one of docker's tables: its fields by the names that templates know them by. */
public final class Row extends LinkedHashMap<String, String> {
  private static final long serialVersionUID = 1;

  /** Adds a field. */
  public Row with(String field, String value) {
    put(field, value);
    return this;
  }
}
