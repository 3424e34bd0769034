package io.lamina.cli;

import io.lamina.source.VolumeRecord;
import io.lamina.source.VolumeRecords;
import io.lamina.thin.compare.DiffXml;
import io.lamina.thin.compare.VolumeDiff;
import io.lamina.thin.dump.MetadataReader;
import io.lamina.thin.dump.PoolFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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

  @Parameters(
      index = "0",
      paramLabel = "SOURCE",
      description = "A pool's directory, or the file or block device of its metadata.")
  private Path source = Path.of("");

  @Parameters(index = "1", paramLabel = "A", description = "One volume's name or device id.")
  private String left = "";

  @Parameters(index = "2", paramLabel = "B", description = "The other's.")
  private String right = "";

  VolumeDiffCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    int leftId = id(left);
    int rightId = id(right);
    console
        .pools()
        .lookAtMetadata(
            MetadataFile.of(source),
            metadata -> {
              MetadataReader pool = MetadataReader.open(metadata, metadataSnapshot);
              DiffXml xml = new DiffXml(console.out(), showBlocks);
              xml.begin(PoolFacts.of(pool.superblock()), leftId, rightId);
              VolumeDiff.run(pool, leftId, rightId, xml);
              xml.end();
            });
    return 0;
  }

  /** The id of a volume that has a record beside the metadata, or an id as it was typed. */
  private int id(String latin1) throws IOException {
    String name = Text.display(latin1);
    VolumeRecord record =
        Files.isDirectory(source) ? VolumeRecords.of(source).byName().get(name) : null;
    if (record != null) {
      return record.deviceId();
    }
    try {
      return Integer.parseInt(name);
    } catch (NumberFormatException e) {
      throw new IOException(source + ": no volume " + name, e);
    }
  }

  @Override
  public Path metadataFile() throws IOException {
    return MetadataFile.of(source);
  }
}
