package io.lamina.cli.format;

import java.util.List;

/**
 * One of docker's tables, in the form that {@code --format} says: a template for each row, or
 * {@code table} and a template, which puts headings above.
 */
public final class RowTable {
  private static final String TABLE = "table";

  private final Template template;
  private final boolean hasHeadings;
  private final Row headings;

  /**
   * A table.
   *
   * @param format what {@code --format} says; empty for the default
   * @param defaultFormat the template of the default, without {@code table}
   * @param headings what stands above each field
   */
  public RowTable(String format, String defaultFormat, Row headings) {
    this.headings = headings;
    this.hasHeadings = format.isEmpty() || format.startsWith(TABLE);
    String own =
        hasHeadings && !format.isEmpty() ? format.substring(TABLE.length()).strip() : format;
    String text = own.isEmpty() ? defaultFormat : own;
    this.template = Template.parse(text.equals("json") ? "{{json .}}" : text);
  }

  /** The whole table, each line with its newline. */
  public String render(List<Row> rows) {
    StringBuilder text = new StringBuilder();
    if (hasHeadings) {
      text.append(template.render(headings)).append('\n');
    }
    rows.forEach(row -> text.append(template.render(row)).append('\n'));
    return hasHeadings ? TabWriter.align(text.toString()) : text.toString();
  }
}
