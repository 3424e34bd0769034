package io.lamina.cli;

import io.lamina.source.VolumeRecord;
import io.lamina.source.VolumeRecords;
import io.lamina.thin.compare.DiffXml;
import io.lamina.thin.compare.VolumeDiff;
import io.lamina.thin.dump.MetadataReader;
import io.lamina.thin.dump.PoolFacts;
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

/** {@code lamina volume diff}. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = "Says where the blocks of two volumes are the same, in thin_delta's words.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:wrong usage", "3:damaged, not supported, or could not be read"},
    footer = {"", "Example:", "  lamina volume diff /srv/pool 1 2"})
final class VolumeDiffCommand implements Callable<Integer>, OnPool {
  private final Console console;

  @Option(
      names = {"-m", "--metadata-snapshot"},
      description = "Look at the metadata snapshot instead of the last commit.")
  private boolean metadataSnapshot;

  @Option(names = "--blocks", description = "Show data blocks too, as thin_delta --verbose does.")
  private boolean showBlocks;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final MetadataArguments pool = new MetadataArguments();

  @Parameters(
      arity = "2..3",
      paramLabel = "SOURCE A B",
      hideParamSyntax = true,
      description =
          "A pool's directory, or the file or block device of its metadata; one volume's name or"
              + " device id; the other's.")
  private List<String> operands = List.of();

  VolumeDiffCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Operands given = operands();
    int leftId = id(given.get("A"));
    int rightId = id(given.get("B"));
    console
        .pools()
        .lookAtMetadata(
            pool.file(source()),
            metadata -> {
              MetadataReader pool = MetadataReader.open(metadata, metadataSnapshot);
              DiffXml xml = new DiffXml(console.out(), showBlocks);
              xml.begin(PoolFacts.of(pool.superblock()), leftId, rightId);
              VolumeDiff.run(pool, leftId, rightId, xml);
              xml.end();
            });
    return 0;
  }

  private Operands operands() {
    return new Operands(Objects.requireNonNull(spec), operands, pool.nameThePool());
  }

  private @Nullable Path source() {
    String source = operands().pool("SOURCE");
    return source == null ? null : console.path(source);
  }

  /** The id of a volume that has a record beside the metadata, or an id as it was typed. */
  private int id(String latin1) throws IOException {
    String name = Text.display(latin1);
    VolumeRecord record = VolumeRecords.in(pool.names(source())).byName().get(name);
    if (record != null) {
      return record.deviceId();
    }
    try {
      return Integer.parseInt(name);
    } catch (NumberFormatException e) {
      throw new IOException(pool.file(source()) + ": no volume " + name, e);
    }
  }

  @Override
  public Path metadataFile() throws IOException {
    return pool.file(source());
  }
}
