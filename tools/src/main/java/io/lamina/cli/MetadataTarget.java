package io.lamina.cli;

import io.lamina.block.FileDevice;
import io.lamina.persist.BlockManager;
import io.lamina.thin.MetadataLock;
import io.lamina.thin.dump.MetadataVisitor;
import io.lamina.thin.restore.MetadataRestore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where new metadata go. */
final class MetadataTarget {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "PATH",
      description = {
        "Where to write: a directory, which gets a file metadata; or a file or block device.",
        "A new file gets the size that suits the pool; what exists keeps its size."
      })
  private @Nullable Path output;

  @Option(
      names = "--metadata",
      paramLabel = "FILE",
      description = "The same, but always a file or block device.")
  private @Nullable Path metadata;

  @Option(names = "--force", description = "Overwrite metadata that are there.")
  private boolean force;

  /** Writes metadata. */
  @FunctionalInterface
  interface Work {
    /** Shows everything to a visitor. */
    void writeTo(MetadataVisitor visitor) throws IOException;
  }

  void write(Work work) throws IOException {
    Path file = file();
    if (!Files.exists(file)) {
      Files.createFile(file);
    }
    try (FileDevice device = MetadataLock.open(file, new HostPuncher())) {
      boolean isNew = device.size() == 0;
      try {
        write(work, file, isNew ? 0 : device.size() / BlockManager.BLOCK_BYTES);
      } catch (IOException e) {
        if (isNew) {
          Files.deleteIfExists(file); // an unfinished file would only be in the way
        }
        throw e;
      }
    }
  }

  /** The file is locked: closing any channel of it ends that, so this one is closed last. */
  private void write(Work work, Path file, long blockCount) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (blockCount != 0) {
        wipe(file, channel);
      }
      work.writeTo(new MetadataRestore(channel, file.toString(), blockCount));
    }
  }

  /** Until the last step, what was there is no pool any more, and what comes is none yet. */
  private void wipe(Path file, FileChannel channel) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(BlockManager.BLOCK_BYTES);
    channel.read(first, 0);
    first.clear();
    boolean isEmpty = first.equals(ByteBuffer.allocate(BlockManager.BLOCK_BYTES));
    if (!isEmpty && !force) {
      throw new IOException(file + ": something is there already (--force overwrites it)");
    }
    channel.write(ByteBuffer.allocate(BlockManager.BLOCK_BYTES), 0);
  }

  private Path file() {
    if ((output == null) == (metadata == null)) {
      throw new ParameterException(
          Objects.requireNonNull(command).commandLine(), "either --output or --metadata is needed");
    }
    if (metadata != null) {
      return metadata;
    }
    Path path = Objects.requireNonNull(output);
    return Files.isDirectory(path) ? path.resolve("metadata") : path;
  }
}
