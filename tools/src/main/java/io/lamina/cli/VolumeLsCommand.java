package io.lamina.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lamina.thin.ThinPool;
import io.lamina.thin.ThinVolume;
import io.lamina.thin.VolumeSummary;
import io.lamina.volume.FileSystemInfo;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the volumes of a pool. */
@Command(
    name = "ls",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the volumes of a pool.",
      "MAPPED is what a volume refers to, EXCLUSIVE what it alone does: what deleting it would"
          + " free. SNAPSHOT counts the pool's snapshots up to the last one of this volume."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:wrong usage", "3:damaged, not supported, or could not be read"},
    footer = {"", "Example:", "  lamina volume ls /srv/pool"})
final class VolumeLsCommand implements Callable<Integer>, OnPool {
  private static final FileSystemInfo NOTHING = new FileSystemInfo("", "", "", 0);

  private final Console console;
  private final Set<String> said = new HashSet<>();

  @Mixin private final PoolArguments pool;

  @Parameters(
      arity = "0..1",
      paramLabel = "SOURCE",
      description = "A directory that holds metadata and data, or a docker root with devicemapper.")
  private @Nullable String source;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  VolumeLsCommand(Console console) {
    this.console = console;
    this.pool = new PoolArguments(console);
  }

  /** A line of the list. */
  private record Line(
      VolumeSummary volume, long virtualBytes, long exclusiveBlocks, FileSystemInfo fileSystem) {}

  @Override
  public Integer call() throws IOException {
    pool.look(
        source,
        opened -> {
          if (json) {
            writeJson(opened);
          } else {
            writeTable(opened);
          }
        });
    return console.exitCode();
  }

  @Override
  public Path metadataFile() {
    return pool.metadataFile(source);
  }

  private @Nullable Line line(ThinPool opened, VolumeSummary summary) {
    try {
      ThinVolume volume = opened.volume(summary.id());
      FileSystemInfo info = VolumeFileSystem.probe(volume).orElse(NOTHING);
      return new Line(
          summary,
          opened
              .recordedSize(summary.id())
              .orElse(info.sizeBytes() > 0 ? info.sizeBytes() : volume.size()),
          opened.exclusivelyMappedBlocks(summary.id()),
          info);
    } catch (IOException e) {
      if (said.add(Problem.message(e))) { // a damage may concern every volume
        console.failed("volume " + summary.name(), e);
      }
      return null;
    }
  }

  private void writeTable(ThinPool opened) throws IOException {
    long blockBytes = opened.dataBlockBytes();
    Table table =
        new Table(
            ">ID", "NAME", ">SIZE", ">MAPPED", ">EXCLUSIVE", ">SNAPSHOT", "FILE SYSTEM", "LABEL");
    for (VolumeSummary summary : opened.volumes()) {
      Line line = line(opened, summary);
      table.row(
          Integer.toString(summary.id()),
          summary.name(),
          line == null ? "?" : Sizes.of(line.virtualBytes),
          Sizes.of(summary.mappedBlocks() * blockBytes),
          line == null ? "?" : Sizes.of(line.exclusiveBlocks * blockBytes),
          Integer.toUnsignedString(summary.snapshottedTime()),
          line == null ? "?" : dash(line.fileSystem.kind()),
          line == null ? "?" : dash(line.fileSystem.label()));
    }
    table.print(console);
  }

  private static String dash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private void writeJson(ThinPool opened) throws IOException {
    long blockBytes = opened.dataBlockBytes();
    try (JsonGenerator out = Json.to(console)) {
      out.writeStartArray();
      for (VolumeSummary summary : opened.volumes()) {
        Line line = line(opened, summary);
        out.writeStartObject();
        out.writeNumberField("id", summary.id());
        out.writeStringField("name", summary.name());
        out.writeNumberField("mapped_bytes", summary.mappedBlocks() * blockBytes);
        out.writeNumberField("created_in", summary.createdIn());
        out.writeNumberField("creation_time", summary.creationTime());
        out.writeNumberField("snapshotted_time", summary.snapshottedTime());
        if (line != null) {
          out.writeNumberField("virtual_bytes", line.virtualBytes);
          out.writeNumberField("exclusively_mapped_bytes", line.exclusiveBlocks * blockBytes);
          out.writeStringField("file_system", line.fileSystem.kind());
          out.writeStringField("label", line.fileSystem.label());
          out.writeStringField("uuid", line.fileSystem.uuid());
        }
        out.writeEndObject();
      }
      out.writeEndArray();
    }
    console.line("");
  }
}
