package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the commands that change a pool's volumes have in common. */
@Command(
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "2:wrong usage",
      "3:not done: in use, no such volume, no room, damaged; what is wrong is said in one line"
    })
abstract class WritingCommand implements Callable<Integer>, OnPool {
  private final Console console;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final WriteArguments writing = new WriteArguments();

  @Parameters(
      index = "0",
      paramLabel = "POOL",
      description = "The pool's directory, with files metadata and data.")
  private Path pool = Path.of("");

  WritingCommand(Console console) {
    this.console = console;
  }

  Console console() {
    return console;
  }

  @Override
  public Path metadataFile() {
    return pool.resolve("metadata");
  }

  /** A volume's name as it was typed. */
  static String name(String latin1) {
    return Text.display(latin1);
  }

  /** The change, on the open pool. */
  abstract void change(PoolVolumes volumes) throws IOException;

  @Override
  public Integer call() throws IOException {
    console.pools().change(pool, writing.options(), this::change);
    return 0;
  }

  /** Wrong usage of this command. */
  ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }
}
