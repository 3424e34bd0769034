package io.lamina.cli;

import io.lamina.mount.Unmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a mount away. */
@Command(
    name = "umount",
    mixinStandardHelpOptions = true,
    description = {
      "Takes a mount away, and waits until the process that served it has ended.",
      "Also cleans up after a mount whose process was killed."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:unmounted", "2:wrong usage", "3:not a mount of ours, or busy"},
    footer = {"", "Example:", "  lamina umount /mnt/pool"})
final class UmountCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "Where it is mounted.")
  private Path directory = Path.of(".");

  @Option(
      names = {"-z", "--lazy"},
      description = "Also when it is busy: out of sight at once, for good with its last user.")
  private boolean lazy;

  @Override
  public Integer call() throws IOException {
    Unmount.at(directory, lazy);
    return 0;
  }
}
