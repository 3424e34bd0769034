package io.lamina.mount;

import io.lamina.fuse.Unmounting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Takes a mount away, also one whose process was killed. */
public final class Unmount {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private Unmount() {}

  /**
   * Unmounts, and waits until the process that served the mount has ended.
   *
   * @param lazily also when it is busy: then it goes from sight at once, and for good when its last
   *     user does; nobody is waited for
   * @throws IOException when nothing of ours is mounted there, or it is busy; the message says who
   *     uses it
   */
  public static void at(Path directory, boolean lazily) throws IOException {
    MountPoint point = MountPoint.of(directory);
    Optional<MountTable.Entry> mounted = point.mount();
    if (mounted.isEmpty()) {
      throw new IOException(directory + ": nothing is mounted there");
    }
    if (!mounted.get().isLamina()) {
      throw new IOException(
          directory + ": what is mounted there is not ours but " + mounted.get().type());
    }
    if (lazily || point.isStale()) {
      // Where the server is gone nobody can be kept from anything.
      Unmounting.detach(point.path());
      return;
    }
    OptionalLong server = point.server();
    unmount(point.path());
    if (server.isPresent()) {
      awaitEnd(server.getAsLong());
    }
  }

  private static void unmount(Path directory) throws IOException {
    try {
      Unmounting.unmount(directory);
    } catch (IOException e) {
      List<String> users = MountUsers.of(directory);
      String who = users.isEmpty() ? "" : ": " + String.join(", ", users);
      throw new IOException(e.getMessage() + who + " (--lazy takes it away all the same)", e);
    }
  }

  private static void awaitEnd(long processId) throws IOException {
    Optional<ProcessHandle> process = ProcessHandle.of(processId);
    if (process.isEmpty() || processId == ProcessHandle.current().pid()) {
      return;
    }
    try {
      process.get().onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException("unmounted, but its process " + processId + " has not ended yet", e);
    } catch (ExecutionException e) {
      throw new IOException("waiting for process " + processId, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for process " + processId, e);
    }
  }
}
