package io.lamina.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Lines of columns: as wide as their widest cell, numbers to the right. */
final class Table {
  private final boolean[] right;
  private final List<String[]> rows = new ArrayList<>();

  /** A table with these headings; a {@code >} before one sets its column to the right. */
  Table(String... headings) {
    right = new boolean[headings.length];
    String[] row = new String[headings.length];
    for (int i = 0; i < headings.length; i++) {
      right[i] = headings[i].startsWith(">");
      row[i] = right[i] ? headings[i].substring(1) : headings[i];
    }
    rows.add(row);
  }

  void row(String... cells) {
    rows.add(cells);
  }

  /** Writes it; cells are text. */
  void print(Console console) throws IOException {
    int[] width = new int[right.length];
    for (String[] row : rows) {
      for (int i = 0; i < width.length; i++) {
        width[i] = Math.max(width[i], row[i].codePointCount(0, row[i].length()));
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < width.length; i++) {
        String pad = " ".repeat(width[i] - row[i].codePointCount(0, row[i].length()));
        line.append(i == 0 ? "" : "  ").append(right[i] ? pad + row[i] : row[i] + pad);
      }
      console.line(console.name(Text.latin1(line.toString().stripTrailing())));
    }
  }
}
