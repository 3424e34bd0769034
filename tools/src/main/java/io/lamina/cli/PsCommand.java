package io.lamina.cli;

import io.lamina.cli.format.Human;
import io.lamina.cli.format.PortList;
import io.lamina.cli.format.Row;
import io.lamina.graph.ContainerRecord;
import io.lamina.graph.ContainerState;
import io.lamina.graph.DockerStore;
import io.lamina.graph.Id;
import io.lamina.graph.JsonObject;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the containers of a docker root. */
@Command(
    name = "ps",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the containers of a docker root, as docker 20.10 does, whatever the root's age.",
      "States are those that docker last wrote down; a container that it had running then is up here."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:wrong usage", "3:a container is damaged, or none could be read"},
    footer = {"", "Example:", "  lamina ps -a --root /var/lib/docker"})
final class PsCommand implements Callable<Integer> {
  private static final int COMMAND_WIDTH = 20;
  private static final int MOUNT_WIDTH = 15;
  private static final String DEFAULT_FORMAT =
      "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";

  private final Console console;
  private final DockerTable table;

  @Mixin private final RootArguments root = new RootArguments();

  @Mixin private final TableOptions options = new TableOptions();

  @Option(
      names = {"-a", "--all"},
      description = "Those that do not run, too.")
  private boolean all;

  PsCommand(Console console, Clock clock) {
    this.console = console;
    this.table = new DockerTable(console, clock);
  }

  private record Listed(Instant created, Row row) {}

  @Override
  public Integer call() throws IOException {
    DockerStore store = root.open();
    List<Listed> listed = new ArrayList<>();
    for (Id id : store.containerIds()) {
      try {
        ContainerRecord container = store.container(id);
        if (all || container.state().running()) {
          listed.add(new Listed(container.created(), row(store, container)));
        }
      } catch (IOException e) {
        console.failed("container " + id.truncated(), e);
      }
    }
    listed.sort(Comparator.comparing(Listed::created).reversed());
    List<Row> rows = new ArrayList<>();
    listed.forEach(container -> rows.add(container.row));
    options.print(table, root, DEFAULT_FORMAT, headings(), rows);
    return console.exitCode();
  }

  private static Row headings() {
    return new Row()
        .with("ID", "CONTAINER ID")
        .with("Image", "IMAGE")
        .with("Command", "COMMAND")
        .with("RunningFor", "CREATED")
        .with("CreatedAt", "CREATED AT")
        .with("Status", "STATUS")
        .with("State", "STATE")
        .with("Ports", "PORTS")
        .with("Names", "NAMES")
        .with("Labels", "LABELS")
        .with("Mounts", "MOUNTS")
        .with("LocalVolumes", "LOCAL VOLUMES")
        .with("Networks", "NETWORKS");
  }

  private Row row(DockerStore store, ContainerRecord container) throws IOException {
    String command = command(container);
    return new Row()
        .with("ID", options.noTrunc() ? container.id().text() : container.id().truncated())
        .with("Image", image(store, container))
        .with(
            "Command",
            Human.quoted(options.noTrunc() ? command : Human.ellipsis(command, COMMAND_WIDTH)))
        .with("RunningFor", table.ago(container.created()))
        .with("CreatedAt", table.goTime(container.created()))
        .with("Status", status(container.state()))
        .with("State", container.state().word())
        .with("Ports", PortList.of(container.ports()))
        .with("Names", container.name())
        .with("Labels", labels(container))
        .with("Mounts", mounts(container))
        .with("LocalVolumes", Long.toString(localVolumes(container)))
        .with("Networks", networks(container));
  }

  private static String command(ContainerRecord container) throws IOException {
    StringBuilder command = new StringBuilder(container.path());
    for (String argument : container.arguments()) {
      command.append(' ').append(argument.contains(" ") ? "'" + argument + "'" : argument);
    }
    return command.toString();
  }

  /** The name it was made from, as long as that means the same image. */
  private String image(DockerStore store, ContainerRecord container) throws IOException {
    String name = container.imageName();
    if (container.config().text("Image").isEmpty()) {
      return name; // its image is not noted
    }
    Id image = container.image();
    try {
      if (name.isEmpty() || !store.findImage(name).equals(image)) {
        name = image.text();
      }
    } catch (IOException e) {
      name = image.text(); // the name is gone
    }
    boolean isId = Id.isId(name);
    return isId && !options.noTrunc() ? image.truncated() : name;
  }

  private String status(ContainerState state) {
    if (state.running()) {
      String up = "Up " + since(state.startedAt());
      if (state.paused()) {
        return up + " (Paused)";
      } else if (state.restarting()) {
        return "Restarting (" + state.exitCode() + ") " + table.agoExactly(state.finishedAt());
      }
      return state.health().isEmpty() ? up : up + " (" + state.health() + ")";
    }
    return switch (state.word()) {
      case "removing" -> "Removal In Progress";
      case "dead" -> "Dead";
      case "created" -> "Created";
      default ->
          state.finishedAt().equals(JsonObject.NEVER)
              ? ""
              : "Exited (" + state.exitCode() + ") " + table.agoExactly(state.finishedAt());
    };
  }

  private String since(Instant when) {
    String ago = table.agoExactly(when);
    return ago.substring(0, ago.length() - " ago".length());
  }

  private static String labels(ContainerRecord container) throws IOException {
    Map<String, String> sorted = new TreeMap<>();
    JsonObject labels = container.config().object("Config").object("Labels");
    for (String label : labels.fields().keySet()) {
      sorted.put(label, label + "=" + labels.text(label));
    }
    return String.join(",", sorted.values());
  }

  private String mounts(ContainerRecord container) throws IOException {
    List<String> names = new ArrayList<>();
    JsonObject points = container.config().object("MountPoints");
    for (String destination : new TreeMap<>(points.fields()).keySet()) {
      JsonObject point = points.object(destination);
      String name = point.text("Name").isEmpty() ? point.text("Source") : point.text("Name");
      names.add(options.noTrunc() ? name : Human.ellipsis(name, MOUNT_WIDTH));
    }
    return String.join(",", names);
  }

  private static long localVolumes(ContainerRecord container) throws IOException {
    JsonObject points = container.config().object("MountPoints");
    long count = 0;
    for (String destination : points.fields().keySet()) {
      count += points.object(destination).text("Driver").equals("local") ? 1 : 0;
    }
    return count;
  }

  private static String networks(ContainerRecord container) throws IOException {
    JsonObject networks = container.config().object("NetworkSettings").object("Networks");
    return String.join(",", new TreeMap<>(networks.fields()).keySet());
  }
}
