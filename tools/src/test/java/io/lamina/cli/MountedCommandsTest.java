package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.control.ControlServer;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolVolumes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a pool that is open for writing here, as it is while it is mounted. */
class MountedCommandsTest {
  @TempDir Path temp;
  private String pool = "";
  private @Nullable PoolVolumes volumes;
  private @Nullable ControlServer server;

  private record Result(int exitCode, ByteArrayOutputStream output, String err) {
    byte[] out() {
      return output.toByteArray();
    }

    String text() {
      return output.toString(StandardCharsets.ISO_8859_1);
    }
  }

  @BeforeEach
  void openThePool() throws IOException {
    pool = temp.resolve("pool").toString();
    assertThat(lamina("pool", "create", pool, "--data-size", "64M").exitCode()).isZero();
    open();
  }

  private void open() throws IOException {
    PoolVolumes opened = PoolVolumes.open(Path.of(pool), new WriteArguments().options());
    volumes = opened;
    server = MountedCommands.serve(opened, PoolSource.directory(Path.of(pool)));
  }

  @AfterEach
  void closeThePool() throws IOException {
    if (server != null) {
      server.close();
    }
    if (volumes != null) {
      volumes.close();
    }
    server = null;
    volumes = null;
  }

  private static Result lamina(String... args) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      int exitCode = Lamina.run(new Console(out, errors, false, false), args);
      return new Result(exitCode, out, err.toString(StandardCharsets.UTF_8));
    }
  }

  private static Result done(String... args) throws IOException {
    Result result = lamina(args);
    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isZero();
    return result;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @Test
  void changesAreMadeInTheProcessThatHasThePool() throws IOException {
    byte[] content = random(5 << 20);
    Path image = Files.write(temp.resolve("image"), content);
    done("volume", "import", pool, "web", image.toString());
    done("volume", "snapshot", pool, "web", "monday");
    done("volume", "rename", pool, "monday", "tuesday");
    done("volume", "discard", pool, "web", "--length", "1M");
    assertThat(done("volume", "export", pool, "tuesday", "-").out()).isEqualTo(content);
    done("volume", "create", pool, "other", "--size", "1M");
    done("volume", "resize", pool, "other", "--size", "3M");
    done("volume", "rm", pool, "web");
    assertThat(done("volume", "ls", pool).text())
        .contains("tuesday  5.0 MiB")
        .contains("other    3.0 MiB")
        .doesNotContain("web");
    assertThat(volumes.volume("other").size()).isEqualTo(3 << 20);
    String out = temp.resolve("out").toString();
    done("volume", "export", pool, "tuesday", out);
    assertThat(Path.of(out)).hasBinaryContent(content);
  }

  @Test
  void aVolumeThatTheMountUsesIsRefusedAndStays() throws IOException {
    done("volume", "create", pool, "web", "--size", "1M");
    Objects.requireNonNull(volumes)
        .show(
            new PoolVolumes.Audience() {
              @Override
              public void release(int deviceId) throws IOException {
                throw new FsException(Errno.EBUSY, "volume web: files of it are open");
              }
            });
    for (String[] command :
        new String[][] {
          {"volume", "rm", pool, "web"},
          {"volume", "resize", pool, "web", "--size", "2M"},
          {"volume", "trim", pool, "web"}
        }) {
      Result result = lamina(command);
      assertThat(result.exitCode()).as(command[1]).isEqualTo(3);
      assertThat(result.err())
          .isEqualTo("lamina: volume web: files of it are open: Device or resource busy\n");
    }
    assertThat(done("volume", "ls", pool).text()).contains("web   1.0 MiB");
  }

  @Test
  void whatIsSaidIsTheSameAsWithoutAMount() throws IOException {
    done("volume", "create", pool, "web", "--size", "1M");
    String[][] commands = {
      {"volume", "ls", "--json", pool},
      {"pool", "status", pool},
      {"pool", "check", pool},
      {"pool", "dump", pool},
      {"pool", "rmap", pool},
      {"volume", "diff", pool, "1", "1"},
      {"volume", "rm", pool, "nothing"},
      {"volume", "resize", pool, "web", "--size", "7"},
      {"volume", "create", pool, "web"},
      {"volume", "create", pool, "web", "--size", "1M"},
      {"pool", "check", "--help"},
    };
    Result[] mounted = new Result[commands.length];
    for (int i = 0; i < commands.length; i++) {
      mounted[i] = lamina(commands[i]);
    }
    closeThePool();
    for (int i = 0; i < commands.length; i++) {
      Result found = lamina(commands[i]);
      assertThat(mounted[i].exitCode())
          .as(String.join(" ", commands[i]))
          .isEqualTo(found.exitCode());
      assertThat(mounted[i].err()).isEqualTo(found.err());
      assertThat(mounted[i].text().replaceFirst("mode: .*", ""))
          .isEqualTo(found.text().replaceFirst("mode: .*", ""));
    }
  }

  @Test
  void standardInputIsPassedOn() throws IOException {
    byte[] content = random(300_000);
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream(content));
      done("volume", "import", pool, "pipe", "-");
    } finally {
      System.setIn(before);
    }
    byte[] exported = done("volume", "export", pool, "pipe", "-").out();
    assertThat(exported).hasSize(300_032).startsWith(content);
  }

  @Test
  void filesOfAPoolThatIsMountedAreNotReadBehindItsBack() throws IOException {
    done("volume", "create", pool, "web", "--size", "1M");
    Result result = lamina("ls", pool + ":web/");
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.err()).contains("mounted for writing").hasLineCount(1);
  }

  @Test
  void aSocketThatWasLeftBehindIsNoHindrance() throws IOException {
    closeThePool();
    done("volume", "create", pool, "web", "--size", "1M");
    open();
    assertThat(done("volume", "ls", pool).text()).contains("web");
  }
}
