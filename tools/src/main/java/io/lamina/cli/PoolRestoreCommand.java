package io.lamina.cli;

import io.lamina.thin.dump.XmlReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
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
  private final Console console;

  @Mixin private final MetadataTarget target = new MetadataTarget();

  @Parameters(paramLabel = "XML", description = "The XML file; - for standard input.")
  private Path xml = Path.of("");

  PoolRestoreCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    try (CopyProgress progress = new CopyProgress(console);
        InputStream in = new BufferedInputStream(opened(progress), 1 << 16)) {
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

  private InputStream opened(CopyProgress progress) throws IOException {
    return xml.toString().equals("-")
        ? new CountedInput(console.in(), progress)
        : CountedInput.of(xml, progress);
  }
}
