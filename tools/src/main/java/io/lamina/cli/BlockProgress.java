package io.lamina.cli;

import java.io.Closeable;

/** Shows on a terminal how many blocks are done, once it has taken two seconds. */
final class BlockProgress implements Closeable {
  private static final long PATIENCE_NANOS = 2_000_000_000L;
  private static final long STEP_NANOS = 200_000_000L;

  /** How many blocks go by before the clock is looked at. */
  private static final int CLOCK_MASK = (1 << 8) - 1;

  private final Console console;
  private final String what;
  private long due;
  private boolean shown;

  BlockProgress(Console console, String what) {
    this.console = console;
    this.what = what;
    this.due = System.nanoTime() + PATIENCE_NANOS;
  }

  /** So many blocks are done. */
  void done(long blockCount) {
    if ((blockCount & CLOCK_MASK) != 0 || !console.errIsTerminal()) {
      return;
    }
    long now = System.nanoTime();
    if (now - due >= 0) {
      due = now + STEP_NANOS;
      shown = true;
      console.err().print("\r" + what + ": " + blockCount + " blocks\033[K");
      console.err().flush();
    }
  }

  /** Takes it off the screen, for a line that is to stay there. */
  void clear() {
    if (shown) {
      shown = false;
      console.err().print("\r\033[K");
      console.err().flush();
    }
  }

  @Override
  public void close() {
    clear();
  }
}
