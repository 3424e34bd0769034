package io.lamina.control;

import io.lamina.threads.DaemonThreads;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes commands from other processes of the same user, and from root's, over a Unix domain socket.
 * What they send is bounded in size, number and time, and the worst that one of them can do is to
 * lose its own connection.
 */
public final class ControlServer implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
  private static final int MAX_CONNECTIONS = 16;

  /** How long the end waits for commands that still run. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Path path;
  private final ServerSocketChannel listening;
  private final UserPrincipal owner;
  private final Runner runner;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

  private ControlServer(
      Path path, ServerSocketChannel listening, UserPrincipal owner, Runner runner) {
    this.path = path;
    this.listening = listening;
    this.owner = owner;
    this.runner = runner;
  }

  /** Runs commands; many may run at a time, each on a thread of its own. */
  @FunctionalInterface
  public interface Runner {
    /** Runs one to its end, and gives its exit code. */
    int run(Call call, Caller caller);
  }

  /**
   * Takes commands from now on.
   *
   * @param metadata the metadata of a pool that this process has locked: whatever socket of another
   *     process is found for it is one that was left behind
   * @throws IOException when no socket can be made; the message is a line for people
   */
  public static ControlServer start(Path metadata, Runner runner) throws IOException {
    Path path = SocketPlace.make(metadata);
    Files.deleteIfExists(path);
    ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listening.bind(UnixDomainSocketAddress.of(path)); // in a directory that is ours alone
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      ControlServer server = new ControlServer(path, listening, Files.getOwner(path), runner);
      DaemonThreads.thread("control", server::accept).start();
      return server;
    } catch (IOException e) {
      listening.close();
      throw new IOException(path + ": " + e.getMessage(), e);
    }
  }

  private void accept() {
    while (true) {
      try {
        serve(listening.accept());
      } catch (AsynchronousCloseException e) {
        return; // the mount ends
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.warn("control socket {}: {}", path, e.getMessage());
        if (!paused()) {
          return;
        }
      }
    }
  }

  /** Out of file descriptors, say: not to be tried again at once. */
  private static boolean paused() {
    try {
      TimeUnit.SECONDS.sleep(1);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void serve(SocketChannel channel) throws IOException {
    if (connections.size() >= MAX_CONNECTIONS || !isWelcome(channel)) {
      channel.close();
      return;
    }
    Connection connection = new Connection(channel, runner, connections::remove);
    connections.add(connection);
    connection.start();
  }

  private boolean isWelcome(SocketChannel channel) throws IOException {
    UserPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    return peer.equals(owner) || peer.equals(Files.getOwner(Path.of("/proc/1")));
  }

  /** Takes no more commands, cuts the connections, and waits for commands that still run. */
  @Override
  public void close() throws IOException {
    listening.close();
    Files.deleteIfExists(path);
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (Connection connection : connections) {
      connection.cut();
    }
    for (Connection connection : connections) {
      if (!connection.awaitEnd(end - System.nanoTime())) {
        LOG.warn("a command of another process still runs");
      }
    }
  }
}
