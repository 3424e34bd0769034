package io.lamina.control;

import io.lamina.threads.DaemonThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One caller, from his call to its exit code. Three threads: one hears him, one runs his command,
 * one tells him what comes of it.
 */
final class Connection {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  /** How long a caller may take to say what he wants. */
  private static final int CALL_SECONDS = 10;

  private static final ScheduledThreadPoolExecutor CLOCK = DaemonThreads.timer("control-clock", 1);

  private final SocketChannel channel;
  private final Frames frames;
  private final ControlServer.Runner runner;
  private final Consumer<Connection> whenOver;
  private final Outbox outbox = new Outbox();
  private final Caller caller = new Caller(outbox);
  private final CountDownLatch over = new CountDownLatch(1);

  Connection(SocketChannel channel, ControlServer.Runner runner, Consumer<Connection> whenOver) {
    this.channel = channel;
    this.frames = new Frames(channel);
    this.runner = runner;
    this.whenOver = whenOver;
  }

  void start() {
    DaemonThreads.thread("control-hear", this::hear).start();
  }

  private void hear() {
    Call call = call();
    if (call == null) {
      cut();
      end();
      return;
    }
    DaemonThreads.thread("control-run", () -> run(call)).start();
    DaemonThreads.thread("control-tell", this::tell).start();
    try {
      while (true) {
        Frames.Frame frame = frames.read();
        if (frame.kind() != FrameKind.INPUT) {
          throw new IOException("unexpected frame: " + frame.kind());
        }
        caller.received(frame.content());
      }
    } catch (IOException e) {
      caller.leave();
      cut();
    }
  }

  /** What he wants; null where he does not say it in time, or not in our words. */
  private @Nullable Call call() {
    Future<?> timeout = CLOCK.schedule(this::cut, CALL_SECONDS, TimeUnit.SECONDS);
    try {
      frames.expectGreeting();
      frames.greet();
      Frames.Frame frame = frames.read();
      return frame.kind() == FrameKind.CALL ? Call.decoded(frame.content()) : null;
    } catch (IOException e) {
      LOG.debug("control socket: {}", e.getMessage());
      return null;
    } finally {
      timeout.cancel(false);
    }
  }

  private void run(Call call) {
    try {
      int exitCode = runner.run(call, caller);
      caller.setMayWait(true);
      outbox.put(
          Frames.encoded(FrameKind.EXIT, ByteBuffer.allocate(Integer.BYTES).putInt(0, exitCode)));
    } catch (IOException e) {
      LOG.debug("control socket: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("control socket: {}", call.arguments(), e);
      cut();
    } finally {
      outbox.finish();
      end();
    }
  }

  private void tell() {
    try {
      for (ByteBuffer next = outbox.take(); next != null; next = outbox.take()) {
        while (next.hasRemaining()) {
          channel.write(next);
        }
      }
    } catch (IOException e) {
      LOG.debug("control socket: {}", e.getMessage());
    } finally {
      caller.leave();
      cut();
    }
  }

  /** Cuts the line: who reads from it or writes to it gets an error. */
  void cut() {
    try {
      frames.close();
      outbox.close();
    } catch (IOException e) {
      LOG.debug("control socket: {}", e.getMessage());
    }
  }

  private void end() {
    whenOver.accept(this);
    over.countDown();
  }

  /** Waits until its command has ended. */
  boolean awaitEnd(long nanos) {
    try {
      return over.await(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
