package io.lamina.cli;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.host.HostTree;
import io.lamina.layer.union.Branch;
import io.lamina.layer.union.UnionRules;
import io.lamina.layer.union.UnionTree;
import io.lamina.mount.Mount;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
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
      "Example:",
      "  lamina union -o br:/srv/changes=rw:/srv/base=ro+wh /mnt/union",
      "  lamina union -o lowerdir=/srv/b:/srv/a,upperdir=/srv/up,workdir=/srv/work /mnt/union"
    })
final class UnionCommand implements Callable<Integer> {
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
      return UnionOptions.parse(options);
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
    List<HostTree> opened = new ArrayList<>();
    Closeable all = () -> opened.forEach(HostTree::close);
    try {
      FileTree tree = tree(union, opened);
      return Mount.start(tree, all, "union", directory, union.mount());
    } catch (IOException | RuntimeException e) {
      all.close();
      throw e;
    }
  }

  private static UnionTree tree(UnionOptions union, List<HostTree> opened) throws IOException {
    boolean isWritable =
        !union.mount().readOnly() && union.branches().get(0).mode() == Branch.Mode.WRITABLE;
    if (isWritable && union.rules() != UnionRules.AUFS) {
      return overlay(union, opened);
    }
    List<Branch> branches = new ArrayList<>();
    for (UnionOptions.BranchPath branch : union.branches()) {
      boolean writes = isWritable && branch.mode() == Branch.Mode.WRITABLE;
      HostTree tree = HostTree.open(Name.ofLatin1(branch.path()), writes);
      opened.add(tree);
      boolean keepsMode = writes || branch.mode() != Branch.Mode.WRITABLE;
      Branch.Mode mode = keepsMode ? branch.mode() : Branch.Mode.READ_ONLY_WITH_WHITEOUTS;
      branches.add(new Branch(tree, tree.root(), mode));
    }
    return UnionTree.of(branches, union.rules());
  }

  /** Files are renamed from the work directory into the upper one: both must be in one tree. */
  private static UnionTree overlay(UnionOptions union, List<HostTree> opened) throws IOException {
    String work = union.workDirectory() == null ? "" : union.workDirectory();
    Path upperPath = real(union.branches().get(0).path());
    Path workPath = real(work);
    HostNodes both = HostNodes.of(upperPath, workPath);
    opened.add(both.tree());
    List<Branch> branches = new ArrayList<>();
    branches.add(new Branch(both.tree(), both.first(), Branch.Mode.WRITABLE));
    for (UnionOptions.BranchPath branch : union.branches().subList(1, union.branches().size())) {
      HostTree tree = HostTree.open(Name.ofLatin1(branch.path()), false);
      opened.add(tree);
      branches.add(new Branch(tree, tree.root(), branch.mode()));
    }
    return UnionTree.ofOverlay(branches, both.second(), union.rules());
  }

  private static Path real(String path) throws IOException {
    Path given = Text.hostPath(path);
    if (!Files.isDirectory(given)) {
      throw new IOException("directory " + given + ": not there");
    }
    return given.toRealPath();
  }
}
