package io.lamina.cli.format;

import java.io.IOException;
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

  /**
   * Writes the whole table, each line with its newline.
   *
   * @throws TemplateException when the template asks for what is not there; nothing is written then
   */
  public void write(List<Row> rows, TextSink sink) throws IOException {
    if (hasHeadings) {
      TabWriter table = new TabWriter();
      table.add(template.render(headings));
      rows.forEach(row -> table.add(template.render(row)));
      table.write(sink);
    } else {
      List<String> lines = rows.stream().map(template::render).toList();
      for (String line : lines) {
        sink.text(line);
        sink.text("\n");
      }
    }
  }
}
