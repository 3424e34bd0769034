package io.lamina.cli;

import io.lamina.source.RecordPlace;
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

/** {@code lamina pool create}. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    description = {
      "Makes an empty pool: sparse files metadata and data in DIR, or a pool on the files or block"
          + " devices that --metadata and --data name.",
      "Nothing that holds anything but zeroes is overwritten without --force."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:wrong usage", "3:not done: in use, not empty, or no room"},
    footer = {"", "Example:", "  lamina pool create /srv/pool --data-size 100G"})
final class PoolCreateCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "DIR", description = "The pool's directory.")
  private @Nullable Path directory;

  @Mixin private final PoolFiles files = new PoolFiles();

  @Option(
      names = "--data-size",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description = "How large data is to be; only a block device has its own size.")
  private @Nullable ByteCount dataSize;

  @Option(
      names = "--block-size",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description = "Size of a data block, a multiple of 64K up to 1G; 64K unless given.")
  private ByteCount blockSize = new ByteCount(NewPool.MIN_BLOCK_BYTES);

  @Option(
      names = "--metadata-size",
      paramLabel = "SIZE",
      description = "How large metadata is to be; auto, the default, goes by the data's size.")
  private String metadataSize = "auto";

  @Option(names = "--force", description = "Overwrite a pool, or whatever is there.")
  private boolean force;

  @Override
  public Integer call() throws IOException {
    long block = blockSize.bytes();
    if (block < NewPool.MIN_BLOCK_BYTES
        || block > NewPool.MAX_BLOCK_BYTES
        || block % NewPool.MIN_BLOCK_BYTES != 0) {
      throw usage("--block-size: expected a multiple of 64K up to 1G");
    }
    if ((directory != null) == files.nameThePool()
        || (directory == null && (files.metadata() == null || files.data() == null))) {
      throw usage("expected DIR, or --metadata FILE and --data FILE");
    }
    long metadataBytes =
        metadataSize.equals("auto") ? 0 : new ByteCount.Converter().convert(metadataSize).bytes();
    if (directory != null && dataSize == null) {
      throw usage("--data-size is missing");
    }
    if (directory != null) {
      Files.createDirectories(directory);
    }
    newPool((int) block).create(metadataBytes, dataSize == null ? 0 : dataSize.bytes());
    return 0;
  }

  private NewPool newPool(int blockBytes) throws IOException {
    if (directory != null) {
      return new NewPool(
          directory.resolve("metadata"),
          directory.resolve("data"),
          RecordPlace.ofPool(directory),
          blockBytes,
          force);
    }
    return new NewPool(
        Objects.requireNonNull(files.metadata()),
        Objects.requireNonNull(files.data()),
        files.names(),
        blockBytes,
        force);
  }

  private ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }
}
