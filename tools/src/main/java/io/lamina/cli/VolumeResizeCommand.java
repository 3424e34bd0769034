package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lamina volume resize}. */
@Command(
    name = "resize",
    description = {"Gives a volume another size. A file system in it is not resized."},
    footer = {"", "Example:", "  lamina volume resize /srv/pool web --size 20G"})
final class VolumeResizeCommand extends WritingCommand {
  @Parameters(
      arity = "1..2",
      paramLabel = POOL + " NAME",
      hideParamSyntax = true,
      description = POOL_IS + "the volume's name.")
  private List<String> operands = List.of();

  @Option(
      names = "--size",
      required = true,
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description = "Its size to be: a number of bytes, or one with K, M, G or T.")
  private ByteCount size = new ByteCount(0);

  @Option(names = "--force", description = "Make it smaller too: what lies beyond is thrown away.")
  private boolean force;

  VolumeResizeCommand(Console console) {
    super(console);
  }

  @Override
  List<String> given() {
    return operands;
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    VolumeSizes.check(this, size.bytes());
    volumes.resize(name(), size.bytes(), force);
  }
}
