package io.lamina.cli;

import io.lamina.cli.format.Human;
import io.lamina.cli.format.Row;
import io.lamina.graph.DockerStore;
import io.lamina.graph.HistoryEntry;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows how an image came to be. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = "Shows how an image came to be, the last step first, as docker 20.10 does.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is no such image",
      "2:wrong usage",
      "3:damaged, or could not be read"
    },
    footer = {"", "Example:", "  lamina history --root /var/lib/docker --no-trunc app:1"})
final class HistoryCommand implements Callable<Integer> {
  private static final int COMMAND_WIDTH = 45;
  private static final String MISSING = "<missing>";

  private final DockerTable table;

  @Mixin private final RootArguments root = new RootArguments();

  @Mixin private final TableOptions options = new TableOptions();

  @Option(
      names = {"-H", "--human"},
      arity = "0..1",
      fallbackValue = "true",
      defaultValue = "true",
      description = "Ages and rounded sizes; -H=false gives times and bytes.")
  private boolean human = true;

  @Parameters(paramLabel = "IMAGE", description = "Its name, its id, or the first digits of that.")
  private String image = "";

  HistoryCommand(Console console, Clock clock) {
    this.table = new DockerTable(console, clock);
  }

  @Override
  public Integer call() throws IOException {
    DockerStore store = root.open();
    List<Row> rows = new ArrayList<>();
    for (HistoryEntry step : store.history(store.image(store.findImage(Text.decoded(image))))) {
      rows.add(row(step));
    }
    options.print(table, root, defaultFormat(), headings(), rows);
    return 0;
  }

  private String defaultFormat() {
    return "{{.ID}}\t"
        + (human ? "{{.CreatedSince}}" : "{{.CreatedAt}}")
        + "\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
  }

  private static Row headings() {
    return new Row()
        .with("ID", "IMAGE")
        .with("CreatedSince", "CREATED")
        .with("CreatedAt", "CREATED AT")
        .with("CreatedBy", "CREATED BY")
        .with("Size", "SIZE")
        .with("Comment", "COMMENT");
  }

  private Row row(HistoryEntry step) {
    String command = step.createdBy().replace('\t', ' ');
    String id =
        step.image() == null
            ? MISSING
            : options.noTrunc() ? step.image().text() : step.image().truncated();
    String since = table.ago(step.created());
    return new Row()
        .with("ID", id)
        .with("CreatedSince", human ? since : table.rfc3339(step.created()))
        .with("CreatedAt", table.rfc3339(step.created()))
        .with("CreatedBy", options.noTrunc() ? command : Human.ellipsis(command, COMMAND_WIDTH))
        .with("Size", human ? Human.size(step.size()) : Long.toString(step.size()))
        .with("Comment", step.comment());
  }
}
