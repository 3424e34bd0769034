package io.lamina.cli;

import io.lamina.graph.ContainerOptions;
import io.lamina.layer.WritableRoot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a container. */
@Command(
    name = "create",
    description = {
      "Makes a container of an image: a root file system to write to, on top of the image's.",
      "Nothing is started. It is found at mnt/<id> of the mounted root; 'lamina bundle' makes it one"
          + " that runc runs. Tells the container's id, as docker create does. Volumes that the image"
          + " asks for are not made."
    },
    footer = {"", "Example:", "  lamina create --root /srv/images --name web app:1 /bin/sh"})
final class CreateCommand extends RootCommand {
  @Option(names = "--name", paramLabel = "NAME", description = "Its name; one is made up without.")
  private @Nullable String name;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME=VALUE",
      description = "A variable of its environment. May be given often.")
  private final List<String> environment = new ArrayList<>();

  @Option(
      names = {"-l", "--label"},
      paramLabel = "NAME=VALUE",
      description = "A label. May be given often.")
  private final List<String> labels = new ArrayList<>();

  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER[:GROUP]",
      description = "Who runs it, instead of whom the image names.")
  private @Nullable String user;

  @Option(
      names = {"-w", "--workdir"},
      paramLabel = "DIR",
      description = "Where it runs, instead of where the image says.")
  private @Nullable String workingDirectory;

  @Option(
      names = "--entrypoint",
      paramLabel = "PROGRAM",
      description = "What comes before the command, instead of what the image says.")
  private @Nullable String entrypoint;

  @Parameters(
      index = "0",
      paramLabel = "IMAGE",
      description = "Its name, its id, or the first digits of that.")
  private String image = "";

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "What it runs, with its arguments; what the image says without.")
  private final List<String> command = new ArrayList<>();

  CreateCommand(Console console) {
    super(console);
  }

  @Override
  void change(WritableRoot opened) throws IOException {
    ContainerOptions options =
        new ContainerOptions(
            Text.decodedAll(command),
            Text.decodedIfGiven(entrypoint),
            Text.decodedAll(environment),
            Text.decodedIfGiven(user),
            Text.decodedIfGiven(workingDirectory),
            labels());
    console()
        .line(
            opened.createContainer(Text.decoded(image), Text.decodedIfGiven(name), options).text());
  }

  private Map<String, String> labels() {
    Map<String, String> map = new TreeMap<>();
    for (String label : labels) {
      String text = Text.decoded(label);
      int equals = text.indexOf('=');
      map.put(
          equals < 0 ? text : text.substring(0, equals),
          equals < 0 ? "" : text.substring(equals + 1));
    }
    return map;
  }
}
