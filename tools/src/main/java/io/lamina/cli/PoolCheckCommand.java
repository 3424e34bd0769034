package io.lamina.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.block.WritableDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.thin.check.CheckReport;
import io.lamina.thin.check.Finding;
import io.lamina.thin.check.LeakRepair;
import io.lamina.thin.check.PoolCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lamina pool check}. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Checks the metadata of a thin pool: every structure, and both space maps against all that"
          + " refers to them. Writes nothing, unless --fix-leaks is given.",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:sound, or mended", "1:damage found", "2:wrong usage", "3:could not be read"},
    footer = {"", "Example:", "  lamina pool check /srv/pool"})
final class PoolCheckCommand implements Callable<Integer>, OnPool {
  private final Console console;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  @Option(
      names = "--fix-leaks",
      description = {
        "Where nothing is wrong but leaks (blocks that nothing refers to, counted as used), set their"
            + " counts right, and clear the pool's wish for a check. Where more is wrong, change"
            + " nothing."
      })
  private boolean fixLeaks;

  @Option(
      names = "--max-shown",
      paramLabel = "N",
      description = "Show so many findings of a kind (default: ${DEFAULT-VALUE}); all are counted.")
  private int maxShown = 20;

  @Mixin private final MetadataArguments pool = new MetadataArguments();

  @Parameters(
      arity = "0..1",
      paramLabel = "SOURCE",
      description = "A pool's directory, or the file or block device of its metadata.")
  private @Nullable Path source;

  private CheckReport report = new CheckReport(0, 0, 0, false, true, Map.of(), List.of());

  PoolCheckCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Path metadataFile = pool.file(source);
    if (fixLeaks) {
      console.pools().changeMetadata(metadataFile, metadata -> report = mended(metadata));
    } else {
      console.pools().lookAtMetadata(metadataFile, metadata -> report = checked(metadata));
    }
    boolean mended = fixLeaks && report.hasOnlyLeaks();
    if (json) {
      writeJson(report, mended);
    } else {
      writeWords(report);
      if (mended && !report.isSound()) {
        console.line("mended: the counts are what refers to the blocks");
      }
    }
    return report.isSound() || mended ? 0 : Problem.FINDING;
  }

  private CheckReport mended(WritableDevice metadata) throws IOException {
    try (BlockProgress progress = new BlockProgress(console, "checking")) {
      return LeakRepair.run(metadata, dataBytes(), maxShown, progress::done);
    } catch (CorruptException e) {
      return superblockDamaged(e.damage());
    }
  }

  private CheckReport checked(BlockDevice metadata) throws IOException {
    try (BlockProgress progress = new BlockProgress(console, "checking")) {
      return PoolCheck.run(metadata, dataBytes(), maxShown, progress::done);
    } catch (CorruptException e) {
      return superblockDamaged(e.damage());
    }
  }

  /** The size of the data beside the metadata; negative where none are there. */
  private long dataBytes() throws IOException {
    Path data = pool.data(source);
    if (data == null) {
      return -1;
    }
    try (BlockDevice device = FileDevice.openReadOnly(data)) {
      return device.size();
    }
  }

  private static CheckReport superblockDamaged(Damage damage) {
    return new CheckReport(0, 0, 0, false, true, Map.of(Finding.DAMAGE, 1L), List.of(damage));
  }

  private void writeWords(CheckReport report) throws IOException {
    for (Damage damage : report.shown()) {
      console.line(Text.latin1(damage.toString()));
    }
    if (report.needsCheck()) {
      console.line("note: the pool asks for a check (needs_check is set)");
    }
    if (report.isSound()) {
      // Joined: String.format and + would set up more than a small check takes.
      console.line(
          String.join(
              " ",
              "sound:",
              Long.toString(report.deviceCount()),
              "devices,",
              Long.toString(report.mappingCount()),
              "mappings in",
              Long.toString(report.metadataBlockCount()),
              "metadata blocks"));
      return;
    }
    long total = 0;
    for (Finding kind : Finding.values()) {
      if (report.total(kind) > 0) {
        console.line("total: " + report.total(kind) + " " + kind.plural());
        total += report.total(kind);
      }
    }
    if (total > report.shown().size()) {
      console.line("shown: " + report.shown().size() + " of them (--max-shown)");
    }
    if (report.leaksUnknown()) {
      console.line("leaks were not looked for: what damaged blocks refer to is not known");
    }
  }

  private void writeJson(CheckReport report, boolean mended) throws IOException {
    try (JsonGenerator out = Json.to(console)) {
      out.writeStartObject();
      out.writeBooleanField("sound", report.isSound());
      out.writeBooleanField("mended", mended);
      out.writeBooleanField("needs_check", report.needsCheck());
      out.writeBooleanField("leaks_unknown", report.leaksUnknown());
      out.writeNumberField("devices", report.deviceCount());
      out.writeNumberField("mappings", report.mappingCount());
      out.writeNumberField("metadata_blocks", report.metadataBlockCount());
      out.writeObjectFieldStart("totals");
      for (Finding kind : Finding.values()) {
        out.writeNumberField(kind.key(), report.total(kind));
      }
      out.writeEndObject();
      out.writeArrayFieldStart("findings");
      for (Damage damage : report.shown()) {
        out.writeStartObject();
        out.writeStringField("structure", damage.structure());
        out.writeStringField("block", Long.toUnsignedString(damage.blockNr()));
        out.writeStringField("field", damage.field());
        out.writeStringField("expected", damage.expected());
        out.writeStringField("found", damage.found());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    console.line("");
  }

  @Override
  public Path metadataFile() throws IOException {
    return pool.file(source);
  }
}
