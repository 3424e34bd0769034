package io.lamina.cli.format;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Aligns cells that a tab ends, as Go's text/tabwriter does with the settings that docker gives it:
 * at least 10 wide, 3 apart. A column is a run of lines that have a cell there; the last cell of a
 * line belongs to none.
 *
 * @see <a href="https://pkg.go.dev/text/tabwriter">text/tabwriter</a>
 */
final class TabWriter {
  private static final int MIN_WIDTH = 10;
  private static final int PADDING = 3;

  private final List<String[]> lines = new ArrayList<>();
  private final List<Integer> widths = new ArrayList<>();

  /** Adds a line, or several with newlines between them, in which tabs end cells. */
  void add(String text) {
    for (String line : text.split("\n", -1)) {
      lines.add(line.split("\t", -1));
    }
  }

  /** Writes all lines, each with its newline. */
  void write(TextSink sink) throws IOException {
    format(0, lines.size(), sink);
  }

  private void format(int from, int to, TextSink sink) throws IOException {
    int column = widths.size();
    int written = from;
    for (int i = from; i < to; i++) {
      if (!hasCell(i, column)) {
        continue;
      }
      write(written, i, sink);
      int end = i;
      int width = MIN_WIDTH;
      while (end < to && hasCell(end, column)) {
        width = Math.max(width, width(lines.get(end)[column]) + PADDING);
        end++;
      }
      widths.add(width);
      format(i, end, sink);
      widths.remove(column);
      written = end;
      i = end;
    }
    write(written, to, sink);
  }

  private boolean hasCell(int line, int column) {
    return column < lines.get(line).length - 1;
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  private void write(int from, int to, TextSink sink) throws IOException {
    for (String[] line : lines.subList(from, to)) {
      for (int i = 0; i < line.length; i++) {
        sink.text(line[i]);
        if (i < widths.size()) {
          sink.text(" ".repeat(widths.get(i) - width(line[i])));
        }
      }
      sink.text("\n");
    }
  }
}
