package io.lamina.cli;

import io.lamina.cli.format.Template;
import io.lamina.cli.format.TemplateException;
import io.lamina.graph.DockerStore;
import io.lamina.graph.GoJson;
import io.lamina.graph.NotFoundException;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows everything about containers and images. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Shows everything about containers and images as JSON, as docker does.",
      "For a root of before docker 1.10 in the words of docker 1.9, else in those of 20.10; paths are"
          + " those of where the root lies now."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is nothing of that name",
      "2:wrong usage",
      "3:damaged, or could not be read"
    },
    footer = {
      "",
      "Example:",
      "  lamina inspect --root /var/lib/docker -f '{{json .Config}}' app:1"
    })
final class InspectCommand implements Callable<Integer> {
  private final Console console;
  private final DockerTable table;

  @Mixin private final RootArguments root = new RootArguments();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "TEMPLATE",
      defaultValue = "",
      description = "A template for each: {{.Id}}, {{json .Config}} ...")
  private String format = "";

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "",
      description = "image or container; without it, a container of that name is looked for first.")
  private String type = "";

  @Parameters(arity = "1..*", paramLabel = "NAME|ID", description = "Containers and images.")
  private final List<String> names = new ArrayList<>();

  InspectCommand(Console console) {
    this.console = console;
    this.table = new DockerTable(console, Clock.systemUTC());
  }

  @Override
  public Integer call() throws IOException {
    if (!List.of("", "image", "container").contains(type)) {
      throw root.usage("\"" + Text.display(type) + "\" is not a valid value for --type");
    }
    DockerStore store = root.open();
    List<Map<String, @Nullable Object>> found = new ArrayList<>();
    for (String name : names) {
      try {
        found.add(inspect(store, Text.decoded(name)));
      } catch (IOException e) {
        console.failed(e);
      }
    }
    print(found);
    return console.exitCode();
  }

  private Map<String, @Nullable Object> inspect(DockerStore store, String name) throws IOException {
    if (!type.equals("image")) {
      try {
        return store.inspect(store.container(store.findContainer(name)));
      } catch (NotFoundException e) {
        if (type.equals("container")) {
          throw e;
        }
      }
    }
    try {
      return store.inspect(store.image(store.findImage(name)));
    } catch (NotFoundException e) {
      throw type.isEmpty() && String.valueOf(e.getMessage()).startsWith("No such")
          ? new NotFoundException("No such object: " + name)
          : e;
    }
  }

  private void print(List<Map<String, @Nullable Object>> found) throws IOException {
    if (format.isEmpty()) {
      table.text(GoJson.indented(found) + "\n");
      return;
    }
    try {
      Template template = Template.parse(Text.decoded(format));
      for (Map<String, @Nullable Object> one : found) {
        table.text((format.equals("json") ? GoJson.line(one) : template.render(one)) + "\n");
      }
    } catch (TemplateException e) {
      throw root.usage(String.valueOf(e.getMessage()));
    }
  }
}
