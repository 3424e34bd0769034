package io.lamina.cli;

import io.lamina.control.Call;
import io.lamina.control.Caller;
import io.lamina.control.ControlClient;
import io.lamina.control.ControlServer;
import io.lamina.layer.WritableRoot;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/** Commands on what is mounted: run where it is, and asked for elsewhere. */
final class MountedCommands implements ControlServer.Runner {
  private static final AtomicInteger RUNNING = new AtomicInteger();
  private final BiFunction<Call, Caller, Console> consoles;

  private MountedCommands(BiFunction<Call, Caller, Console> consoles) {
    this.consoles = consoles;
  }

  /** Takes commands on a pool from now on. */
  static ControlServer serve(PoolVolumes volumes, PoolSource source) throws IOException {
    return ControlServer.start(
        source.metadata(),
        new MountedCommands(
            (call, caller) ->
                Console.ofCaller(
                    call, caller, new MountedPools(volumes, source, caller), new HostRoots())));
  }

  /** Takes commands on a docker root from now on. */
  static ControlServer serve(WritableRoot root, Path directory, Path mountPoint)
      throws IOException {
    Roots mounted = new MountedRoots(root, directory, mountPoint);
    return ControlServer.start(
        directory,
        new MountedCommands(
            (call, caller) -> Console.ofCaller(call, caller, new HostPools(), mounted)));
  }

  @Override
  public int run(Call call, Caller caller) {
    Console console = consoles.apply(call, caller);
    RUNNING.incrementAndGet();
    try {
      return Lamina.run(console, call.arguments().toArray(String[]::new));
    } finally {
      RUNNING.decrementAndGet();
    }
  }

  /** Whether this process runs a command for another. */
  static boolean isAnyRunning() {
    return RUNNING.get() > 0;
  }

  /**
   * Has the mount's process run a command, where the pool is mounted for writing.
   *
   * @return its exit code; none where this process is to run it
   */
  static OptionalInt ask(OnPool command, Console console, List<String> arguments)
      throws IOException {
    Path file = command.metadataFile();
    Optional<ControlClient> found =
        Files.exists(file) ? ControlClient.find(file) : Optional.empty();
    if (found.isEmpty()) {
      return OptionalInt.empty();
    }
    try (ControlClient mount = found.get()) {
      Call call =
          new Call(
              Text.latin1(System.getProperty("user.dir")),
              console.outIsTerminal(),
              console.errIsTerminal(),
              arguments);
      return OptionalInt.of(mount.call(call, console.in(), console.out(), console.err()));
    }
  }

  /**
   * Refuses a pool, by its metadata, or a docker root that is mounted for writing.
   *
   * @throws IOException that says so
   */
  static void refuse(Path path) throws IOException {
    Optional<ControlClient> found =
        Files.exists(path) ? ControlClient.find(path) : Optional.empty();
    if (found.isPresent()) {
      found.get().close();
      throw new IOException(path + ": is mounted for writing: its files are found there");
    }
  }
}
