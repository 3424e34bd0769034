package io.lamina.cli.format;

import java.util.ArrayList;
import java.util.List;

/**
 * Aligns cells that a tab ends, as Go's text/tabwriter does with the settings that docker gives it:
 * at least 10 wide, 3 apart. A column is a run of lines that have a cell there; the last cell of a
 * line belongs to none.
 *
 * @see <a href="https://pkg.go.dev/text/tabwriter">text/tabwriter</a>
 */
public final class TabWriter {
  private static final int MIN_WIDTH = 10;
  private static final int PADDING = 3;

  private final List<String[]> lines = new ArrayList<>();
  private final List<Integer> widths = new ArrayList<>();
  private final StringBuilder out = new StringBuilder();

  private TabWriter() {}

  /** Lines, each of them with its newline, in which tabs end cells. */
  public static String align(String text) {
    TabWriter writer = new TabWriter();
    for (String line : text.split("\n", -1)) {
      writer.lines.add(line.split("\t", -1));
    }
    writer.format(0, writer.lines.size());
    writer.out.setLength(writer.out.length() - 1); // the split's own last line has no newline
    return writer.out.toString();
  }

  private void format(int from, int to) {
    int column = widths.size();
    int written = from;
    for (int i = from; i < to; i++) {
      if (!hasCell(i, column)) {
        continue;
      }
      write(written, i);
      int end = i;
      int width = MIN_WIDTH;
      while (end < to && hasCell(end, column)) {
        width = Math.max(width, width(lines.get(end)[column]) + PADDING);
        end++;
      }
      widths.add(width);
      format(i, end);
      widths.remove(column);
      written = end;
      i = end;
    }
    write(written, to);
  }

  private boolean hasCell(int line, int column) {
    return column < lines.get(line).length - 1;
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  private void write(int from, int to) {
    for (String[] line : lines.subList(from, to)) {
      for (int i = 0; i < line.length; i++) {
        out.append(line[i]);
        if (i < widths.size()) {
          out.append(" ".repeat(widths.get(i) - width(line[i])));
        }
      }
      out.append('\n');
    }
  }
}
