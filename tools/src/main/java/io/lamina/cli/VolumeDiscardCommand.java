package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import io.lamina.thin.WritableVolume;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lamina volume discard}. */
@Command(
    name = "discard",
    description = {
      "Forgets a range of a volume: whole data blocks in it are given back and read as zeroes.",
      "Without a range, what the volume's file system does not use, as volume trim does."
    },
    footer = {"", "Example:", "  lamina volume discard /srv/pool web --offset 1G --length 512M"})
final class VolumeDiscardCommand extends WritingCommand {
  @Parameters(
      arity = "1..2",
      paramLabel = POOL + " NAME",
      hideParamSyntax = true,
      description = POOL_IS + "the volume's name.")
  private List<String> operands = List.of();

  @Option(
      names = "--offset",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description = "Where the range begins; at the volume's beginning unless given.")
  private @Nullable ByteCount offset;

  @Option(
      names = "--length",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description = "How long it is; to the volume's end unless given.")
  private @Nullable ByteCount length;

  VolumeDiscardCommand(Console console) {
    super(console);
  }

  @Override
  List<String> given() {
    return operands;
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    if (offset == null && length == null) {
      UnusedSpace.discard(volumes, name());
      return;
    }
    WritableVolume volume = volumes.volume(name());
    long start = offset == null ? 0 : offset.bytes();
    long rest = Math.max(0, volume.size() - start);
    volume.discard(start, length == null ? rest : length.bytes());
    volumes.pool().commit();
  }
}
