package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.lamina.images.Await;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands that may take long show of it. */
class ProgressTest {
  private static final String ERASED = "\r\033[K";

  /** After this time something is shown. */
  private static final long DUE_NANOS = 2_000_000_000L;

  @TempDir Path temp;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private String pool = "";

  /** Gives all it has at once; then it takes a while until that was the end. */
  private static final class SlowToEnd extends FilterInputStream {
    private final Await.Condition mayEnd;

    SlowToEnd(byte[] content, Await.Condition mayEnd) {
      super(new ByteArrayInputStream(content));
      this.mayEnd = mayEnd;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      int count = in.read(target, from, length);
      if (count < 0) {
        try {
          Await.until("the end", mayEnd);
        } catch (Exception e) {
          throw new IOException(e);
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

  private static boolean isDue(long start) {
    return System.nanoTime() - start >= DUE_NANOS;
  }

  /** Runs a command that succeeds. */
  private void run(boolean onTerminal, InputStream in, String... command) throws IOException {
    InputStream before = System.in;
    try (PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      System.setIn(in);
      Console console = new Console(new ByteArrayOutputStream(), errors, false, onTerminal);
      assertThat(Lamina.run(console, command)).isZero();
    } finally {
      System.setIn(before);
    }
  }

  private void requireShownAndTakenAway(byte[] content, String... command) throws IOException {
    run(true, new SlowToEnd(content, () -> err.size() > 0), command);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("/s").endsWith(ERASED);
  }

  @Test
  void aSlowImportTellsHowFarItIsAndTakesThatAway() throws IOException {
    requireShownAndTakenAway(new byte[4 << 20], "volume", "import", pool, "v", "-");
  }

  @Test
  void aSlowRestoreTellsHowFarItIsAndTakesThatAway() throws IOException {
    byte[] xml = CommandRun.of("pool", "dump", pool).requireDone().bytes();
    requireShownAndTakenAway(xml, "pool", "restore", "-", "-o", temp.resolve("new").toString());
  }

  @Test
  void whereThereIsNoTerminalNothingIsShown() throws IOException {
    long start = System.nanoTime();
    InputStream in = new SlowToEnd(new byte[4 << 20], () -> isDue(start));
    run(false, in, "volume", "import", pool, "v", "-");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  /** Unless the machine is so slow that it is not quick. */
  private void requireNothingShown(InputStream in, String... command) throws IOException {
    long start = System.nanoTime();
    run(true, in, command);
    assumeFalse(isDue(start), "too slow a machine");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void whatIsQuickShowsNothing() throws IOException {
    InputStream in = new ByteArrayInputStream(new byte[1]);
    requireNothingShown(in, "volume", "import", pool, "v", "-");
    InputStream none = InputStream.nullInputStream();
    String image = temp.resolve("image").toString();
    requireNothingShown(none, "volume", "export", pool, "v", image);
    String repaired = temp.resolve("repaired").toString();
    requireNothingShown(none, "pool", "repair", pool, "-o", repaired);
  }
}
