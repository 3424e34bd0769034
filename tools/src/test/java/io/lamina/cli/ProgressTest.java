package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands that may take long show of it. */
class ProgressTest {
  private static final String ERASED = "\r\033[K";

  @TempDir Path temp;
  private String pool = "";

  /** Gives all it has at once; then it takes a while until that was the end. */
  private static final class SlowToEnd extends FilterInputStream {
    SlowToEnd(byte[] content) {
      super(new ByteArrayInputStream(content));
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      int count = in.read(target, from, length);
      if (count < 0) {
        try {
          Thread.sleep(2500);
        } catch (InterruptedException e) {
          throw new InterruptedIOException();
        }
      }
      return count;
    }
  }

  @BeforeEach
  void makePool() throws IOException {
    pool = temp.resolve("pool").toString();
    CommandRun.of("pool", "create", pool, "--data-size", "64M").requireDone();
  }

  /** What is written to stderr by a command that succeeds. */
  private static String shown(boolean onTerminal, InputStream in, String... command)
      throws IOException {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    InputStream before = System.in;
    try (PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      System.setIn(in);
      Console console = new Console(new ByteArrayOutputStream(), errors, false, onTerminal);
      assertThat(Lamina.run(console, command)).isZero();
    } finally {
      System.setIn(before);
    }
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aSlowImportTellsHowFarItIsAndTakesThatAway() throws IOException {
    byte[] image = new byte[4 << 20];
    assertThat(shown(true, new SlowToEnd(image), "volume", "import", pool, "v", "-"))
        .contains("/s")
        .endsWith(ERASED);
    assertThat(shown(false, new SlowToEnd(image), "volume", "import", pool, "w", "-")).isEmpty();
  }

  @Test
  void aSlowRestoreTellsHowFarItIsAndTakesThatAway() throws IOException {
    byte[] xml = CommandRun.of("pool", "dump", pool).requireDone().bytes();
    String restored = temp.resolve("restored").toString();
    assertThat(shown(true, new SlowToEnd(xml), "pool", "restore", "-", "-o", restored))
        .contains("/s")
        .endsWith(ERASED);
  }

  @Test
  void whatIsQuickShowsNothing() throws IOException {
    InputStream none = InputStream.nullInputStream();
    assertThat(
            shown(true, new ByteArrayInputStream(new byte[1]), "volume", "import", pool, "v", "-"))
        .isEmpty();
    String image = temp.resolve("image").toString();
    assertThat(shown(true, none, "volume", "export", pool, "v", image)).isEmpty();
    String repaired = temp.resolve("repaired").toString();
    assertThat(shown(true, none, "pool", "repair", pool, "-o", repaired)).isEmpty();
  }
}
