package io.lamina.cli;

import io.lamina.fs.host.CopyListener;
import io.lamina.layer.image.ImageProgress;
import io.lamina.threads.DaemonThreads;
import java.io.Closeable;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** Shows on a terminal how far a copy is, once it has taken two seconds; counts nothing else. */
final class CopyProgress implements CopyListener, ImageProgress, Closeable {
  private static final long PATIENCE_MILLIS = 2000;
  private static final long STEP_MILLIS = 200;
  private static final int BAR_WIDTH = 30;

  private final Console console;
  private final LongAdder bytes = new LongAdder();
  private final LongAdder files = new LongAdder();
  private final LongAdder expectedBytes = new LongAdder();
  private final long start = System.nanoTime();
  private final Thread painter;
  private boolean shown;

  CopyProgress(Console console) {
    this(console, console.errIsTerminal());
  }

  private CopyProgress(Console console, boolean isShown) {
    this.console = console;
    this.painter = DaemonThreads.thread("progress", this::paint);
    if (isShown) {
      painter.start();
    }
  }

  /** One that is not shown. */
  static CopyProgress hidden(Console console) {
    return new CopyProgress(console, false);
  }

  @Override
  public void expect(long byteCount) {
    expectedBytes.add(byteCount);
  }

  @Override
  public void copied(long byteCount) {
    bytes.add(byteCount);
  }

  @Override
  public void made() {
    files.increment();
  }

  @Override
  public void failed(String hostPath, IOException problem) {
    console.failed(hostPath, problem);
  }

  private void paint() {
    try {
      Thread.sleep(PATIENCE_MILLIS);
      while (true) {
        synchronized (this) {
          console.err().print("\r" + line() + "\033[K");
          console.err().flush();
          shown = true;
        }
        Thread.sleep(STEP_MILLIS);
      }
    } catch (InterruptedException e) {
      // The copy is done.
    }
  }

  private String line() {
    double seconds = (System.nanoTime() - start) / 1e9;
    long done = bytes.sum();
    long expected = expectedBytes.sum();
    String bar = "";
    if (expected > 0) {
      int filled = (int) Math.min(BAR_WIDTH, BAR_WIDTH * done / expected);
      bar = "[" + "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled) + "] ";
    }
    return String.format(
        Locale.ROOT,
        "%s%s%s, %s/s",
        bar,
        files.sum() == 0 ? "" : files.sum() + " files, ",
        Sizes.of(done),
        Sizes.of((long) (done / seconds)));
  }

  @Override
  public void close() {
    painter.interrupt();
    synchronized (this) {
      if (shown) {
        console.err().print("\r\033[K");
        console.err().flush();
      }
    }
  }
}
