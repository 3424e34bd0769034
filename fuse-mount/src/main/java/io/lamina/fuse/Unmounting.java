package io.lamina.fuse;

import io.lamina.fs.Errno;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes mounts away: as root by the system call, else by fusermount, which may. */
public final class Unmounting {
  private static final int MNT_DETACH = 2;

  private Unmounting() {}

  static boolean isRoot() {
    return NativeCode.libc().geteuid() == 0;
  }

  /** Takes a mount away now, also where it is busy: it goes when its last user does. */
  public static void detach(Path directory) throws IOException {
    unmount(directory, MNT_DETACH, "-z");
  }

  /**
   * Takes a mount away.
   *
   * @throws IOException when it is busy, or not ours to take
   */
  public static void unmount(Path directory) throws IOException {
    unmount(directory, 0, null);
  }

  private static void unmount(Path directory, int flags, @Nullable String option)
      throws IOException {
    if (NativeCode.libc().umount2(NativeCode.path(directory), flags) == 0) {
      return;
    }
    int errno = NativeCode.lastErrno();
    if (errno != Errno.EPERM.code()) {
      throw new IOException(directory + ": " + reason(errno));
    }
    List<String> command = new ArrayList<>(List.of("fusermount", "-u"));
    if (option != null) {
      command.add(option);
    }
    command.add("--");
    command.add(directory.toString());
    run(command);
  }

  private static String reason(int errno) {
    if (errno == Errno.EBUSY.code()) {
      return "is busy";
    }
    return errno == Errno.EINVAL.code() ? "is not mounted" : "umount: errno " + errno;
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(said.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while unmounting", e);
    }
  }
}
