package io.lamina.cli;

import io.lamina.mount.SizedVolume;
import io.lamina.thin.ThinPool;
import io.lamina.thin.ThinVolume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lamina volume export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a volume as a raw image.",
      "A file gets holes where the volume has nothing; a pipe (-) and a block device get zeroes."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the output could not be written",
      "2:wrong usage",
      "3:damaged, not supported, or could not be read"
    },
    footer = {"", "Example:", "  lamina volume export /srv/pool web web.img"})
final class VolumeExportCommand implements Callable<Integer>, OnPool {
  private final Console console;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final PoolArguments pool;

  @Option(names = "--force", description = "Replace the content of a FILE that is there already.")
  private boolean force;

  @Parameters(
      arity = "2..3",
      paramLabel = "SOURCE NAME FILE",
      hideParamSyntax = true,
      description = "The pool, the volume's name or number, and where to write it to.")
  private List<String> operands = List.of();

  VolumeExportCommand(Console console) {
    this.console = console;
    this.pool = new PoolArguments(console);
  }

  @Override
  public Integer call() throws IOException {
    Operands given = operands();
    String name = Text.display(given.get("NAME"));
    pool.look(
        given.pool("SOURCE"),
        opened -> {
          int id =
              opened.find(name).orElseThrow(() -> new IOException(opened + ": no volume " + name));
          export(opened, id, given.get("FILE"));
        });
    return console.exitCode();
  }

  private Operands operands() {
    return new Operands(Objects.requireNonNull(spec), operands, pool.nameThePool());
  }

  private void export(ThinPool opened, int id, String file) throws IOException {
    ThinVolume volume = SizedVolume.of(opened, id);
    try (CopyProgress progress = new CopyProgress(console)) {
      SparseExport export = new SparseExport(volume, progress);
      if (file.equals("-")) {
        export.stream(console.out());
      } else {
        long mappedBytes = opened.mappedBlocks(id) * opened.dataBlockBytes();
        export.file(console.path(file), force, Math.min(mappedBytes, volume.size()));
      }
    }
  }

  @Override
  public Path metadataFile() {
    return pool.metadataFile(operands().pool("SOURCE"));
  }
}
