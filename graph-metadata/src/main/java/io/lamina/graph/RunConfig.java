package io.lamina.graph;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How an image's processes are run, with the fields that docker knows, in its order: what docker
 * does not know it leaves out when it writes a record.
 *
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/api/types/container/config.go">Config
 *     of docker 20.10</a>
 */
final class RunConfig {
  /** One that says nothing. */
  static final Map<String, @Nullable Object> NONE = none();

  private final JsonObject json;
  private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

  private RunConfig(JsonObject json) {
    this.json = json;
  }

  private static Map<String, @Nullable Object> none() {
    try {
      return of(JsonObject.parse("", new byte[] {'{', '}'}));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static Map<String, @Nullable Object> of(JsonObject json) throws IOException {
    RunConfig config = new RunConfig(json);
    config.putAll();
    return config.fields;
  }

  /** What is run; no words where nothing is. */
  static List<String> command(JsonObject json) throws IOException {
    List<String> words = new RunConfig(json).words("Cmd");
    return words == null ? List.of() : words;
  }

  private void putAll() throws IOException {
    putText("Hostname");
    putText("Domainname");
    putText("User");
    putFlag("AttachStdin");
    putFlag("AttachStdout");
    putFlag("AttachStderr");
    putUnless(emptyMap(sorted("ExposedPorts")), "ExposedPorts", sorted("ExposedPorts"));
    putFlag("Tty");
    putFlag("OpenStdin");
    putFlag("StdinOnce");
    fields.put("Env", texts("Env"));
    fields.put("Cmd", words("Cmd"));
    putUnless(json.value("Healthcheck") == null, "Healthcheck", healthcheck());
    putUnless(!json.flag("ArgsEscaped"), "ArgsEscaped", true);
    putText("Image");
    fields.put("Volumes", sorted("Volumes"));
    putText("WorkingDir");
    fields.put("Entrypoint", words("Entrypoint"));
    putUnless(!json.flag("NetworkDisabled"), "NetworkDisabled", true);
    putUnless(json.text("MacAddress").isEmpty(), "MacAddress", json.text("MacAddress"));
    fields.put("OnBuild", texts("OnBuild"));
    fields.put("Labels", sorted("Labels"));
    putUnless(json.text("StopSignal").isEmpty(), "StopSignal", json.text("StopSignal"));
    putUnless(json.value("StopTimeout") == null, "StopTimeout", json.number("StopTimeout"));
    List<String> shell = words("Shell");
    putUnless(shell == null || shell.isEmpty(), "Shell", shell);
  }

  private void putText(String name) throws IOException {
    fields.put(name, json.text(name));
  }

  private void putFlag(String name) throws IOException {
    fields.put(name, json.flag(name));
  }

  private void putUnless(boolean leftOut, String name, @Nullable Object value) {
    if (!leftOut) {
      fields.put(name, value);
    }
  }

  private static boolean emptyMap(@Nullable Map<String, ?> map) {
    return map == null || map.isEmpty();
  }

  /** A set or a map, which Go sorts; null where there is none. */
  private @Nullable Map<String, @Nullable Object> sorted(String name) throws IOException {
    return json.value(name) == null ? null : new TreeMap<>(json.object(name).fields());
  }

  private @Nullable List<String> texts(String name) throws IOException {
    return json.value(name) == null ? null : json.texts(name);
  }

  /** Docker's first versions wrote a command as one text. */
  private @Nullable List<String> words(String name) throws IOException {
    return json.value(name) instanceof String one ? List.of(one) : texts(name);
  }

  private Map<String, @Nullable Object> healthcheck() throws IOException {
    JsonObject check = json.object("Healthcheck");
    Map<String, @Nullable Object> kept = new LinkedHashMap<>();
    List<String> test = check.texts("Test");
    if (!test.isEmpty()) {
      kept.put("Test", new ArrayList<>(test));
    }
    for (String name : List.of("Interval", "Timeout", "StartPeriod", "Retries")) {
      if (check.number(name) != 0) {
        kept.put(name, check.number(name));
      }
    }
    return kept;
  }
}
