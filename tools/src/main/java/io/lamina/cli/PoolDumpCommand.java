package io.lamina.cli;

import io.lamina.thin.dump.MetadataReader;
import io.lamina.thin.dump.XmlWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lamina pool dump}. */
@Command(
    name = "dump",
    mixinStandardHelpOptions = true,
    description = "Writes the metadata of a thin pool as XML, in thin_dump's own words.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the output could not be written",
      "2:wrong usage",
      "3:damaged, not supported, or could not be read: the XML ends before the damage"
    },
    footer = {"", "Example:", "  lamina pool dump /srv/pool >pool.xml"})
final class PoolDumpCommand implements Callable<Integer>, OnPool {
  private final Console console;

  @Option(
      names = {"-m", "--metadata-snapshot"},
      description = "Show the metadata snapshot instead of the last commit.")
  private boolean metadataSnapshot;

  @Mixin private final MetadataArguments pool = new MetadataArguments();

  @Parameters(
      arity = "0..1",
      paramLabel = "SOURCE",
      description = "A pool's directory, or the file or block device of its metadata.")
  private @Nullable Path source;

  PoolDumpCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    console
        .pools()
        .lookAtMetadata(
            pool.file(source),
            metadata -> {
              MetadataReader reader = MetadataReader.open(metadata, metadataSnapshot);
              XmlWriter xml = new XmlWriter(console.out());
              try {
                reader.visit(xml);
              } finally {
                xml.flush();
              }
            });
    return 0;
  }

  @Override
  public Path metadataFile() throws IOException {
    return pool.file(source);
  }
}
