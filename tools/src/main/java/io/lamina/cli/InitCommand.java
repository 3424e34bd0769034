package io.lamina.cli;

import io.lamina.layer.NewStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a store of Lamina's own. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a store for images and containers: a docker root of the layout before docker 1.10 on a"
          + " thin pool, which docker's commands here are then given as --root.",
      "Its files are sparse: they take space only as images come."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:wrong usage", "3:not done: DIR is not empty, or no room"},
    footer = {
      "",
      "Example:",
      "  lamina init /srv/images --data-size 100G",
      "  lamina load --root /srv/images -i app.tar"
    })
final class InitCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Where; empty, or not there yet.")
  private Path directory = Path.of("");

  @Option(
      names = "--data-size",
      required = true,
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description = "How much all images and containers may take together.")
  private ByteCount dataSize = new ByteCount(0);

  @Option(
      names = "--driver",
      paramLabel = "KIND",
      description = {
        "How layers are kept: thin, the default, as snapshots of volumes, so that no file is ever"
            + " copied as a whole; or aufs, as directories in one volume."
      })
  private String driver = "thin";

  @Option(
      names = "--base-size",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description = "With thin, how large one root file system may get; 10G unless given.")
  private ByteCount baseSize = new ByteCount(10L << 30);

  @Override
  public Integer call() throws IOException {
    NewStore.create(directory, kind(), new NewStore.Sizes(dataSize.bytes(), baseSize.bytes()));
    return 0;
  }

  private NewStore.Kind kind() {
    return switch (driver) {
      case "thin" -> NewStore.Kind.THIN;
      case "aufs" -> NewStore.Kind.AUFS;
      default ->
          throw new ParameterException(
              Objects.requireNonNull(spec).commandLine(),
              "--driver: expected thin or aufs, found " + Text.display(driver));
    };
  }
}
