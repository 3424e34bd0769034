package io.lamina.cli;

import io.lamina.block.BlockDevice;
import io.lamina.thin.MetadataLock;
import io.lamina.thin.repair.Loss;
import io.lamina.thin.repair.Salvage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lamina pool repair}. */
@Command(
    name = "repair",
    mixinStandardHelpOptions = true,
    description = {
      "Saves what can be read of damaged metadata into new metadata, and says what is lost."
          + " Never writes to SOURCE. The superblock must be sound."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:everything was saved",
      "1:something was lost: the output has the rest",
      "2:wrong usage",
      "3:nothing could be read, or not be written"
    },
    footer = {"", "Example:", "  lamina pool repair /srv/pool --output repaired.meta"})
final class PoolRepairCommand implements Callable<Integer> {
  private static final int MAX_SHOWN = 100;

  private final Console console;

  @Mixin private final MetadataTarget target = new MetadataTarget();

  @Parameters(
      paramLabel = "SOURCE",
      description = "A pool's directory, or the file or block device of its metadata.")
  private Path source = Path.of("");

  private long lossCount;

  PoolRepairCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    try (BlockDevice metadata = MetadataLock.openReadOnly(MetadataFile.of(source))) {
      target.write(
          restore -> {
            Salvage.Saved saved = Salvage.run(metadata, restore, this::lost);
            console.line(
                "saved "
                    + saved.mappingCount()
                    + " mappings of "
                    + saved.deviceCount()
                    + " devices");
          });
    }
    if (lossCount > 0) {
      console.line("lost: " + lossCount + " ranges");
    }
    return lossCount == 0 ? 0 : Problem.FINDING;
  }

  private void lost(Loss loss) {
    if (lossCount++ < MAX_SHOWN) {
      console.complain(loss.toString());
    }
  }
}
