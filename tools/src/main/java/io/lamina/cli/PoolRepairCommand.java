package io.lamina.cli;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.thin.MetadataLock;
import io.lamina.thin.repair.KnownFacts;
import io.lamina.thin.repair.Loss;
import io.lamina.thin.repair.Salvage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lamina pool repair}. */
@Command(
    name = "repair",
    mixinStandardHelpOptions = true,
    description = {
      "Saves what can be read of damaged metadata into new metadata, and says what is lost."
          + " Never writes to SOURCE.",
      "Where the superblock is lost, the latest trees of devices and mappings are searched for in all"
          + " blocks, and taken when they agree with each other."
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

  @Option(
      names = "--block-size",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description = "Size of a data block, where the superblock is lost.")
  private @Nullable ByteCount blockSize;

  @Option(
      names = "--data-size",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description =
          "Size of the data, where the superblock is lost; unless given, that of the file data in"
              + " SOURCE, or as far as blocks are mapped.")
  private @Nullable ByteCount dataSize;

  @Option(
      names = "--transaction-id",
      paramLabel = "NUMBER",
      description =
          "The pool's transaction id, where the superblock is lost; unless given, that of the"
              + " latest device.")
  private long transactionId;

  @Spec private @Nullable CommandSpec spec;

  private long lossCount;

  PoolRepairCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    try (BlockDevice locked = MetadataLock.openReadOnly(MetadataFile.of(source));
        BlockProgress progress = new BlockProgress(console, "reading")) {
      BlockDevice metadata = new CountedDevice(locked, progress::done);
      target.write(
          restore -> {
            Salvage.Saved saved =
                Salvage.run(
                    metadata,
                    known(),
                    restore,
                    loss -> lost(loss, progress),
                    note -> complain(note, progress));
            progress.clear();
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

  private KnownFacts known() throws IOException {
    long blockBytes = blockSize == null ? 0 : blockSize.bytes();
    if (blockBytes < 0
        || blockBytes > NewPool.MAX_BLOCK_BYTES
        || blockBytes % NewPool.MIN_BLOCK_BYTES != 0) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          "--block-size: expected a multiple of 64K up to 1G");
    }
    return new KnownFacts((int) blockBytes, dataBytes(), transactionId);
  }

  private long dataBytes() throws IOException {
    if (dataSize != null) {
      return dataSize.bytes();
    }
    Path data = source.resolve("data");
    if (!Files.exists(data)) {
      return 0;
    }
    try (BlockDevice device = FileDevice.openReadOnly(data)) {
      return device.size();
    }
  }

  private void lost(Loss loss, BlockProgress progress) {
    if (lossCount++ < MAX_SHOWN) {
      complain(loss.toString(), progress);
    }
  }

  private void complain(String message, BlockProgress progress) {
    progress.clear();
    console.complain(message);
  }
}
