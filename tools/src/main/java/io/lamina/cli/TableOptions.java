package io.lamina.cli;

import io.lamina.cli.format.Row;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** How a table of docker's is to be written. */
final class TableOptions {
  private static final String ID_COLUMN = "ID";

  @Option(names = "--no-trunc", description = "Ids and commands in full.")
  private boolean noTrunc;

  @Option(
      names = {"-q", "--quiet"},
      description = "Ids only.")
  private boolean quiet;

  @Option(
      names = "--format",
      paramLabel = "TEMPLATE",
      defaultValue = "",
      description =
          "A template for each line ({{.ID}}, {{json .}}), or the word table and a template.")
  private String format = "";

  /** Whether nothing is to be shortened. */
  boolean noTrunc() {
    return noTrunc;
  }

  /** Writes the table. */
  void print(
      DockerTable table, RootArguments root, String defaultFormat, Row headings, List<Row> rows)
      throws IOException {
    if (quiet) {
      rows.forEach(row -> row.keySet().retainAll(Set.of(ID_COLUMN)));
      table.print(root, "{{.ID}}", "", new Row(), rows);
    } else {
      table.print(root, Text.decoded(format), defaultFormat, headings, rows);
    }
  }
}
