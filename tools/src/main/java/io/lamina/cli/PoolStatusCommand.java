package io.lamina.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lamina.thin.PoolStatus;
import io.lamina.thin.ThinPool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows a pool in numbers. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Shows a pool in numbers, as it was last committed.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:wrong usage", "3:damaged, not supported, or could not be read"},
    footer = {"", "Example:", "  lamina pool status /srv/pool"})
final class PoolStatusCommand implements Callable<Integer>, OnPool {
  private static final int METADATA_BLOCK_BYTES = 4096;

  private final Console console;

  @Mixin private final PoolArguments pool;

  @Parameters(
      arity = "0..1",
      paramLabel = "SOURCE",
      description = "A directory that holds metadata and data, or a docker root with devicemapper.")
  private @Nullable String source;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  PoolStatusCommand(Console console) {
    this.console = console;
    this.pool = new PoolArguments(console);
  }

  @Override
  public Integer call() throws IOException {
    pool.look(
        source,
        opened -> {
          if (json) {
            writeJson(opened.status());
          } else {
            writeWords(opened);
          }
        });
    return 0;
  }

  @Override
  public Path metadataFile() {
    return pool.metadataFile(source);
  }

  private void writeWords(ThinPool opened) throws IOException {
    PoolStatus status = opened.status();
    say("pool", pool.source(source).toString());
    say("transaction id", Long.toUnsignedString(status.transactionId()));
    say("data", used(status.usedDataBlocks(), status.dataBlockCount(), status.dataBlockBytes()));
    say(
        "metadata",
        used(status.usedMetadataBlocks(), status.metadataBlockCount(), METADATA_BLOCK_BYTES));
    say("snapshots taken", Integer.toUnsignedString(status.time()));
    say(
        "metadata snapshot",
        status.heldRoot().isPresent() ? "at block " + status.heldRoot().getAsLong() : "none");
    say("mode", mode(status));
    say("needs check", status.needsCheck() ? "yes" : "no");
  }

  private void say(String what, String value) throws IOException {
    console.line(Text.latin1(String.format(Locale.ROOT, "%-18s %s", what + ":", value)));
  }

  private static String used(long used, long count, long blockBytes) {
    return String.format(
        Locale.ROOT,
        "%s of %s used, %s free (%d of %d blocks of %s)",
        Sizes.of(used * blockBytes),
        Sizes.of(count * blockBytes),
        Sizes.of((count - used) * blockBytes),
        used,
        count,
        Sizes.of(blockBytes));
  }

  private static String mode(PoolStatus status) {
    return status.mode().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private void writeJson(PoolStatus status) throws IOException {
    try (JsonGenerator out = Json.to(console)) {
      out.writeStartObject();
      out.writeNumberField("transaction_id", status.transactionId());
      out.writeNumberField("data_block_bytes", status.dataBlockBytes());
      out.writeNumberField("data_blocks_used", status.usedDataBlocks());
      out.writeNumberField("data_blocks_free", status.dataBlockCount() - status.usedDataBlocks());
      out.writeNumberField("data_blocks", status.dataBlockCount());
      out.writeNumberField("metadata_block_bytes", METADATA_BLOCK_BYTES);
      out.writeNumberField("metadata_blocks_used", status.usedMetadataBlocks());
      out.writeNumberField(
          "metadata_blocks_free", status.metadataBlockCount() - status.usedMetadataBlocks());
      out.writeNumberField("metadata_blocks", status.metadataBlockCount());
      out.writeNumberField("snapshots_taken", status.time());
      if (status.heldRoot().isPresent()) {
        out.writeNumberField("metadata_snapshot_block", status.heldRoot().getAsLong());
      } else {
        out.writeNullField("metadata_snapshot_block");
      }
      out.writeStringField("mode", mode(status));
      out.writeBooleanField("needs_check", status.needsCheck());
      out.writeEndObject();
    }
    console.line("");
  }
}
