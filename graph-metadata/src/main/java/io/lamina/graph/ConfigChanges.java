package io.lamina.graph;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --change} does to the config of an image: the instructions of a Dockerfile that make
 * no layer.
 *
 * @see <a href="https://docs.docker.com/reference/cli/docker/container/commit/">docker commit</a>
 */
public final class ConfigChanges {
  private static final List<String> SHELL = List.of("/bin/sh", "-c");
  private static final Set<String> NO_TRIGGERS = Set.of("ONBUILD", "FROM", "MAINTAINER");
  private static final Pattern PORTS =
      Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp|sctp))?");

  private final Map<String, @Nullable Object> config;
  private boolean isCommandSet;

  private ConfigChanges(JsonObject config) {
    this.config = new LinkedHashMap<>(config.fields());
  }

  /**
   * A config with these changes.
   *
   * @throws IllegalArgumentException for an instruction that there is not, or that lacks something;
   *     the message names it
   */
  public static Map<String, @Nullable Object> applied(JsonObject config, List<String> changes)
      throws IOException {
    ConfigChanges changed = new ConfigChanges(config);
    for (String change : changes) {
      changed.apply(change.strip());
    }
    changed.keepCommand(config);
    return changed.config;
  }

  private void apply(String change) {
    String[] words = change.split("\\s+", 2);
    String instruction = words[0].toUpperCase(Locale.ROOT);
    String rest = words.length > 1 ? words[1].strip() : "";
    boolean needsMore = !instruction.equals("CMD") && !instruction.equals("ENTRYPOINT");
    if (rest.isEmpty() && needsMore) {
      throw new IllegalArgumentException(instruction + " requires at least one argument");
    }
    switch (instruction) {
      case "CMD" -> setCommand(command(rest));
      case "ENTRYPOINT" -> setEntrypoint(command(rest));
      case "USER" -> config.put("User", expanded(rest));
      case "WORKDIR" -> config.put("WorkingDir", workingDirectory(expanded(rest)));
      case "ENV" -> pairs(instruction, rest).forEach(this::setEnvironment);
      case "LABEL" -> addAll("Labels", pairs(instruction, rest));
      case "VOLUME" -> addAll("Volumes", keys(list(rest).stream().map(this::expanded).toList()));
      case "EXPOSE" -> addAll("ExposedPorts", keys(ports(expanded(rest))));
      case "ONBUILD" -> onBuild(rest);
      case "HEALTHCHECK" -> config.put("Healthcheck", HealthCheck.of(rest));
      default -> throw new IllegalArgumentException(words[0] + " is not a valid change command");
    }
  }

  private void setCommand(@Nullable List<String> command) {
    config.put("Cmd", command);
    isCommandSet = true;
  }

  /** What was run without it is no argument of it. */
  private void setEntrypoint(@Nullable List<String> entrypoint) {
    config.put("Entrypoint", entrypoint);
    if (!isCommandSet) {
      config.put("Cmd", null);
    }
  }

  /** Where the changes leave nothing to run, what was run before stays, as docker has it. */
  private void keepCommand(JsonObject before) {
    if (isEmpty("Entrypoint") && isEmpty("Cmd") && before.has("Cmd")) {
      config.put("Cmd", before.value("Cmd"));
    }
    if (config.get("Entrypoint") == null && before.has("Entrypoint")) {
      config.put("Entrypoint", before.value("Entrypoint"));
    }
  }

  private boolean isEmpty(String field) {
    Object value = config.get(field);
    return !(value instanceof List<?> words) || words.isEmpty();
  }

  /** With the values of variables, which are those of before the instruction. */
  private String expanded(String text) {
    List<String> environment = new ArrayList<>();
    if (config.get("Env") instanceof List<?> entries) {
      entries.forEach(entry -> environment.add(String.valueOf(entry)));
    }
    return ShellWords.expanded(text, environment);
  }

  /** A JSON list as it is, anything else for the shell; none where nothing is said. */
  private static @Nullable List<String> command(String text) {
    List<String> exec = jsonList(text);
    if (exec != null || text.isEmpty()) {
      return exec;
    }
    List<String> shell = new ArrayList<>(SHELL);
    shell.add(text);
    return shell;
  }

  /** The texts of a JSON list; null where it is none. */
  static @Nullable List<String> jsonList(String text) {
    if (!text.startsWith("[")) {
      return null;
    }
    try {
      byte[] object = ("{\"list\":" + text + "}").getBytes(StandardCharsets.UTF_8);
      return JsonObject.parse("change", object).texts("list");
    } catch (IOException e) {
      return null; // for the shell, as docker takes it
    }
  }

  private static List<String> list(String text) {
    List<String> json = jsonList(text);
    return json != null ? json : List.of(text.split("\\s+", -1));
  }

  /** {@code 80}, {@code 53/udp} or {@code 8000-8010}, as often as wanted. */
  private static List<String> ports(String text) {
    List<String> ports = new ArrayList<>();
    for (String spec : text.split("\\s+", -1)) {
      Matcher match = PORTS.matcher(spec);
      int first = match.matches() ? Integer.parseInt(match.group(1)) : 0;
      int last = first == 0 || match.group(2) == null ? first : Integer.parseInt(match.group(2));
      if (first == 0 || last < first || last > ContainerPort.MAX_NUMBER) {
        throw new IllegalArgumentException("Invalid containerPort: " + spec);
      }
      String protocol = match.group(3) == null ? "tcp" : match.group(3);
      for (int port = first; port <= last; port++) {
        ports.add(port + "/" + protocol);
      }
    }
    return ports;
  }

  private static Map<String, Object> keys(List<String> keys) {
    Map<String, Object> map = new TreeMap<>();
    keys.forEach(key -> map.put(key, Map.of()));
    return map;
  }

  private String workingDirectory(String text) {
    String before = config.get("WorkingDir") instanceof String there ? there : "";
    return Path.of("/", before).resolve(text).normalize().toString();
  }

  /** {@code NAME=VALUE} as often as wanted, or one {@code NAME VALUE}. */
  private Map<String, String> pairs(String instruction, String text) {
    List<String> words = Words.of(text);
    Map<String, String> pairs = new LinkedHashMap<>();
    if (!words.get(0).contains("=")) {
      String[] both = text.split("\\s+", 2);
      if (both.length < 2) {
        throw new IllegalArgumentException(instruction + " must have two arguments");
      }
      pairs.put(expanded(both[0]), expanded(both[1]));
      return pairs;
    }
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException(
            "Syntax error - can't find = in \"" + word + "\". Must be of the form: name=value");
      }
      pairs.put(expanded(word.substring(0, equals)), expanded(word.substring(equals + 1)));
    }
    return pairs;
  }

  @SuppressWarnings("unchecked")
  private void setEnvironment(String name, String value) {
    List<String> environment = new ArrayList<>();
    if (config.get("Env") instanceof List<?> before) {
      environment.addAll((List<String>) before);
    }
    String entry = name + "=" + value;
    for (int i = 0; i < environment.size(); i++) {
      if (environment.get(i).startsWith(name + "=")) {
        environment.set(i, entry);
        config.put("Env", environment);
        return;
      }
    }
    environment.add(entry);
    config.put("Env", environment);
  }

  private void addAll(String field, Map<String, ?> more) {
    Map<String, @Nullable Object> all = new TreeMap<>();
    if (config.get(field) instanceof Map<?, ?> before) {
      before.forEach((key, value) -> all.put(String.valueOf(key), value));
    }
    all.putAll(more);
    config.put(field, all);
  }

  private void onBuild(String trigger) {
    String instruction = trigger.split("\\s+", 2)[0].toUpperCase(Locale.ROOT);
    if (NO_TRIGGERS.contains(instruction)) {
      throw new IllegalArgumentException(instruction + " isn't allowed as an ONBUILD trigger");
    }
    List<Object> triggers = new ArrayList<>();
    if (config.get("OnBuild") instanceof List<?> before) {
      triggers.addAll(before);
    }
    triggers.add(trigger);
    config.put("OnBuild", triggers);
  }
}
