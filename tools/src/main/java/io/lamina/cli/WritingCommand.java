package io.lamina.cli;

import io.lamina.source.PoolSource;
import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
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
  /** What an operand is called, and what it is. */
  static final String POOL = "POOL";

  static final String POOL_IS = "The pool's directory, with files metadata and data; ";

  private final Console console;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final WriteArguments writing = new WriteArguments();

  @Mixin private final PoolFiles files = new PoolFiles();

  WritingCommand(Console console) {
    this.console = console;
  }

  Console console() {
    return console;
  }

  @Override
  public Path metadataFile() {
    String pool = operands().pool(POOL);
    if (pool != null) {
      return console.path(pool).resolve("metadata");
    }
    Path named = files.metadata();
    if (named == null) {
      throw usage("--metadata and --data go together");
    }
    return named;
  }

  /** What was given: the pool first, unless options name it. */
  abstract List<String> given();

  private Operands operands() {
    return new Operands(Objects.requireNonNull(spec), given(), files.nameThePool());
  }

  /** An operand as it was typed, one character a byte. */
  String operand(String name) {
    return operands().get(name);
  }

  /** The operand NAME: what a volume is called. */
  String name() {
    return Text.display(operand("NAME"));
  }

  /** The change, on the open pool. */
  abstract void change(PoolVolumes volumes) throws IOException;

  @Override
  public Integer call() throws IOException {
    String pool = operands().pool(POOL);
    PoolSource source = pool == null ? files.source() : PoolSource.directory(console.path(pool));
    console.pools().change(source, writing.options(), this::change);
    return 0;
  }

  /** Wrong usage of this command. */
  ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }
}
