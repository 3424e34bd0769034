package io.lamina.cli;

import io.lamina.fs.FileTree;
import io.lamina.mount.Mount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows directories as one, and serves that until it is unmounted. */
@Command(
    name = "union",
    mixinStandardHelpOptions = true,
    description = {
      "Shows directories laid over each other as one, by the rules of aufs or of overlay.",
      "Comes back when it can be used. It ends with 'lamina umount DIR'."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:mounted", "2:wrong usage", "3:could not be opened or mounted"},
    footer = {
      "",
      "Nobody else may change the directories meanwhile. In a path a comma, a colon, an equals"
          + " sign and a backslash need a backslash before them.",
      "",
      "A directory of a volume is POOL:VOLUME/path, its colon without a backslash too. The pool of the"
          + " one that is written to is opened for writing, for this mount alone; 'lamina volume' and"
          + " 'lamina pool' commands on it are taken meanwhile.",
      "",
      "Example:",
      "  lamina union -o br:/srv/changes=rw:/srv/base=ro+wh /mnt/union",
      "  lamina union -o lowerdir=/srv/b:/srv/a,upperdir=/srv/up,workdir=/srv/work /mnt/union",
      "  lamina union -o br:/srv/pool:changes=rw:/srv/pool:web/htdocs=ro+wh /mnt/union"
    })
final class UnionCommand implements Callable<Integer> {
  private final Console console;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "1..2",
      paramLabel = "[NAME] DIR",
      hideParamSyntax = true,
      description =
          "Where to mount it; before it, as mount(8) has it, a name that is not looked at.")
  private final List<String> operands = new ArrayList<>();

  @Option(
      names = "-o",
      required = true,
      paramLabel = "OPTION[,OPTION...]",
      description = UnionOptions.KNOWN + "; and those of 'lamina mount'.")
  private final List<String> options = new ArrayList<>();

  @Option(
      names = {"-f", "--foreground"},
      description = "Serve in the foreground, and log to stderr.")
  private boolean foreground;

  UnionCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ReadyPipe ready = ReadyPipe.ofEnvironment();
    try {
      Mount mount = start(parsed());
      if (!foreground && ready.isThere()) {
        MountLog.toFile();
      }
      ready.ready();
      mount.await();
      return 0;
    } catch (ParameterException e) {
      throw e; // said in full on stderr, which the launcher shows
    } catch (IOException | RuntimeException e) {
      ready.failed(Problem.message(e));
      throw e;
    }
  }

  private UnionOptions parsed() {
    try {
      return UnionOptions.parse(options, PoolArguments::isPool);
    } catch (IllegalArgumentException e) {
      CommandSpec command = spec;
      if (command == null) {
        throw e;
      }
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private Mount start(UnionOptions union) throws IOException {
    Path directory = Text.hostPath(operands.get(operands.size() - 1));
    Mount.check(directory, union.mount());
    UnionSources sources = new UnionSources(new PoolArguments(console), directory);
    try {
      FileTree tree = sources.open(union);
      return Mount.start(tree, sources, "union", directory, union.mount());
    } catch (IOException | RuntimeException e) {
      sources.close();
      throw e;
    }
  }
}
