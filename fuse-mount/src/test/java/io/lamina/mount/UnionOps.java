package io.lamina.mount;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lamina.images.Fixture;
import io.lamina.layer.union.AufsScenarioContract;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The program {@code unionops.py} that ran the scenarios on aufs, running them on other
 * directories: one process for all of them.
 */
final class UnionOps implements Closeable {
  private static final String SERVER =
      """
      import os, sys, json, unionops
      for line in sys.stdin:
          child = os.fork()
          if child == 0:
              asked = json.loads(line)
              if 'ops' in asked: told = unionops.run(asked['dir'], asked['ops'])
              else: told = unionops.tree(asked['dir'])
              print(json.dumps(told), flush=True)
              os._exit(0)
          if os.waitpid(child, 0)[1] != 0: break
      """;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final Writer asked;
  private final BufferedReader told;

  UnionOps() throws IOException {
    ProcessBuilder builder = new ProcessBuilder("python3", "-B", "-c", SERVER);
    builder.environment().put("PYTHONPATH", Fixture.AUFS_UNION.directory().toString());
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    process = builder.start();
    asked = process.outputWriter(StandardCharsets.UTF_8);
    told =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** What the operations gave; one result each. */
  JsonNode run(Path directory, JsonNode operations) throws IOException {
    ObjectNode question = JSON.createObjectNode().put("dir", directory.toString());
    return ask(question.set("ops", operations));
  }

  /**
   * What is seen at a directory, which somebody has mounted.
   *
   * @param mount closed with it
   */
  AufsScenarioContract.Shown shown(Path directory, Closeable mount) {
    return new AufsScenarioContract.Shown() {
      @Override
      public Map<String, JsonNode> tree() throws IOException {
        return AufsScenarioContract.told(UnionOps.this.tree(directory));
      }

      @Override
      public List<JsonNode> run(JsonNode operations) throws IOException {
        List<JsonNode> results = new ArrayList<>();
        UnionOps.this.run(directory, operations).forEach(results::add);
        return results;
      }

      @Override
      public void close() throws IOException {
        mount.close();
      }
    };
  }

  /** All files below a directory. */
  JsonNode tree(Path directory) throws IOException {
    return ask(JSON.createObjectNode().put("dir", directory.toString()));
  }

  private JsonNode ask(JsonNode question) throws IOException {
    asked.write(question + "\n");
    asked.flush();
    String line = told.readLine();
    if (line == null) {
      throw new IOException("unionops.py ended");
    }
    return JSON.readTree(line);
  }

  @Override
  public void close() throws IOException {
    asked.close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
