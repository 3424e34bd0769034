package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import io.lamina.thin.WritableVolume;
import io.lamina.volume.SparseImport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lamina volume import}. */
@Command(
    name = "import",
    description = {
      "Makes a volume of a raw image.",
      "Holes and zeroes take no space in the pool. If it fails, the volume is not there."
    },
    footer = {"", "Example:", "  lamina volume import /srv/pool web web.img"})
final class VolumeImportCommand extends WritingCommand {
  @Parameters(
      arity = "2..3",
      paramLabel = POOL + " NAME FILE",
      hideParamSyntax = true,
      description =
          POOL_IS + "the volume's name; the image, a file or a block device, - is standard input.")
  private List<String> operands = List.of();

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description = "A size larger than the image's.")
  private @Nullable ByteCount size;

  VolumeImportCommand(Console console) {
    super(console);
  }

  @Override
  List<String> given() {
    return operands;
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    long atLeast = size == null ? 0 : size.bytes();
    volumes.create(
        name(),
        atLeast,
        (volume, asked) -> {
          long imageBytes = copyTo(volume, volumes.pool().dataBlockBytes());
          if (size != null && imageBytes > asked) {
            throw new IOException("the image has " + imageBytes + " bytes, more than --size");
          }
          return VolumeSizes.roundUp(Math.max(imageBytes, asked));
        });
  }

  private long copyTo(WritableVolume volume, int blockBytes) throws IOException {
    String file = operand("FILE");
    try (CopyProgress progress = new CopyProgress(console())) {
      SparseImport copy = new SparseImport(volume, blockBytes, progress::copied);
      if (file.equals("-")) {
        return copy.stream(console().in());
      }
      Path image = console().path(file);
      progress.expect(SparseImport.dataBytes(image));
      return copy.file(image);
    }
  }
}
