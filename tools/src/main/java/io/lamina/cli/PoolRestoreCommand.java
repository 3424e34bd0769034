package io.lamina.cli;

import io.lamina.thin.dump.XmlReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lamina pool restore}. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description = "Writes new metadata from the XML of 'lamina pool dump' or thin_dump.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:wrong usage", "3:could not be read or written"},
    footer = {"", "Example:", "  lamina pool restore pool.xml --output /srv/restored"})
final class PoolRestoreCommand implements Callable<Integer> {
  @Mixin private final MetadataTarget target = new MetadataTarget();

  @Parameters(paramLabel = "XML", description = "The XML file; - for standard input.")
  private Path xml = Path.of("");

  @Override
  public Integer call() throws IOException {
    try (InputStream in =
        new BufferedInputStream(
            xml.toString().equals("-") ? System.in : Files.newInputStream(xml), 1 << 16)) {
      target.write(
          restore -> {
            try {
              XmlReader.read(in, restore);
            } catch (IOException e) {
              throw new IOException(xml + ": " + e.getMessage(), e);
            }
          });
    }
    return 0;
  }
}
