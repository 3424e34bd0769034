package io.lamina.cli;

import io.lamina.thin.compare.ReverseMap;
import io.lamina.thin.dump.MetadataReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lamina pool rmap}. */
@Command(
    name = "rmap",
    mixinStandardHelpOptions = true,
    description = "Says which volumes' blocks lie in a region of the data, in thin_rmap's words.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:wrong usage", "3:damaged, not supported, or could not be read"},
    footer = {"", "Example:", "  lamina pool rmap /srv/pool --region 0..1000"})
final class PoolRmapCommand implements Callable<Integer>, OnPool {
  private static final Pattern REGION = Pattern.compile("(\\d{1,18})\\.\\.(\\d{1,18})");

  private final Console console;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--region",
      paramLabel = "BEGIN..END",
      description = "Data blocks, END not included; may be given several times (default: all).")
  private List<String> regions = new ArrayList<>();

  @Mixin private final MetadataArguments pool = new MetadataArguments();

  @Parameters(
      arity = "0..1",
      paramLabel = "SOURCE",
      description = "A pool's directory, or the file or block device of its metadata.")
  private @Nullable Path source;

  PoolRmapCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    List<long[]> ranges = new ArrayList<>();
    for (String region : regions) {
      Matcher numbers = REGION.matcher(region);
      if (!numbers.matches()) {
        throw new ParameterException(
            Objects.requireNonNull(spec).commandLine(), "no region BEGIN..END: " + region);
      }
      ranges.add(new long[] {Long.parseLong(numbers.group(1)), Long.parseLong(numbers.group(2))});
    }
    if (ranges.isEmpty()) {
      ranges.add(new long[] {0, Long.MAX_VALUE});
    }
    console
        .pools()
        .lookAtMetadata(
            pool.file(source),
            metadata -> {
              MetadataReader pool = MetadataReader.open(metadata, false);
              for (long[] range : ranges) {
                ReverseMap.run(pool, range[0], range[1], console.out());
              }
            });
    return 0;
  }

  @Override
  public Path metadataFile() throws IOException {
    return pool.file(source);
  }
}
