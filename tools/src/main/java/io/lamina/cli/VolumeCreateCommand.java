package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import io.lamina.volume.NewExt4;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lamina volume create}. */
@Command(
    name = "create",
    description = {
      "Makes a volume, empty or with an empty ext4 file system.",
      "It takes space only as it is written to."
    },
    footer = {"", "Example:", "  lamina volume create /srv/pool web --size 10G --fs ext4"})
final class VolumeCreateCommand extends WritingCommand {
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
      description = "Its size: a number of bytes, or one with K, M, G or T.")
  private ByteCount size = new ByteCount(0);

  @Option(
      names = "--fs",
      paramLabel = "KIND",
      description = "A file system to make in it: ext4 or none, which is the default.")
  private String fileSystem = "none";

  VolumeCreateCommand(Console console) {
    super(console);
  }

  @Override
  List<String> given() {
    return operands;
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    switch (fileSystem) {
      case "none" -> volumes.create(name(), size.bytes(), PoolVolumes.Content.NONE);
      case "ext4" ->
          volumes.create(
              name(),
              size.bytes(),
              (volume, bytes) -> {
                NewExt4.write(volume, bytes, volumes.pool().dataBlockBytes());
                return bytes;
              });
      default -> throw new IllegalStateException(fileSystem);
    }
  }

  @Override
  public Integer call() throws IOException {
    VolumeSizes.check(this, size.bytes());
    if (!fileSystem.equals("none") && !fileSystem.equals("ext4")) {
      throw usage("--fs: expected ext4 or none, found " + Text.display(fileSystem));
    }
    return super.call();
  }
}
