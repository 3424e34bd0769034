package io.lamina.cli;

import io.lamina.control.ControlServer;
import io.lamina.fs.FileTree;
import io.lamina.graph.DockerStore;
import io.lamina.layer.WritableRoot;
import io.lamina.mount.DockerRoot;
import io.lamina.mount.Mount;
import io.lamina.mount.MountOptions;
import io.lamina.mount.PoolTrees;
import io.lamina.mount.Rehearsal;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.PoolVolumes;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Mounts a pool, and serves it until it is unmounted. */
@Command(
    name = "mount",
    mixinStandardHelpOptions = true,
    description = {
      "Shows a pool at a directory: volumes/<name>/ the files of each volume, devices/<name> its"
          + " raw content, status.",
      "The pool is opened for writing, for this mount alone; with -o ro nothing is changed.",
      "Of a docker root also mnt/<id>/ what an image or a container looks like, diff/<id>/ what its"
          + " layer changed, layers/<id>, graph/<id>/, tags/<repository>/<tag>. One that 'lamina init'"
          + " has made is written to, one of docker's with --rw: containers below mnt/, and by"
          + " commands like 'lamina create'; all else is looked at.",
      "Comes back when the mount can be used. It ends with 'lamina umount DIR'."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:mounted", "2:wrong usage", "3:could not be opened or mounted"},
    footer = {
      "",
      "Files keep their volume's inode numbers, so that two volumes have files of the same number."
          + " With -o unique_ino the volume's id stands in the upper 32 bits; use it for programs"
          + " that go through several volumes at once and know hard links by their numbers.",
      "",
      "Example:",
      "  lamina mount /srv/pool /mnt/pool",
      "  lamina mount --metadata pool.meta --data pool.data /mnt/pool -o allow_other"
    })
final class MountCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(MountCommand.class);

  @Mixin private final PoolArguments pool;

  @Mixin private final WriteArguments writing = new WriteArguments();

  @Parameters(
      arity = "1..2",
      paramLabel = "SOURCE DIR",
      hideParamSyntax = true,
      description =
          "The pool, a directory that holds metadata and data, or a docker root; and where to mount"
              + " it.")
  private final List<String> operands = new ArrayList<>();

  @Option(
      names = "-o",
      paramLabel = "OPTION[,OPTION...]",
      description = "Mount options: " + MountOptions.KNOWN + ".")
  private final List<String> options = new ArrayList<>();

  @Option(
      names = "--rw",
      description = "Write to a docker root that is docker's own. No docker may be running on it.")
  private boolean evenDockers;

  @Option(
      names = {"-f", "--foreground"},
      description = "Serve in the foreground, and log to stderr.")
  private boolean foreground;

  MountCommand(Console console) {
    this.pool = new PoolArguments(console);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ReadyPipe ready = ReadyPipe.ofEnvironment();
    try {
      Mount mount = start(ready);
      if (!foreground && ready.isThere()) {
        MountLog.toFile();
      }
      ready.ready();
      Rehearsal.begin(mount, MountedCommands::isAnyRunning);
      mount.await();
      return 0;
    } catch (ParameterException e) {
      throw e; // said in full on stderr, which the launcher shows
    } catch (IOException | RuntimeException e) {
      ready.failed(Problem.message(e));
      throw e;
    }
  }

  private Mount start(ReadyPipe ready) throws IOException {
    boolean isRoot = operands.size() == 2 && DockerStore.isRoot(Text.hostPath(operands.get(0)));
    boolean named = pool.nameThePool() && !isRoot;
    if (operands.size() != (named ? 1 : 2)) {
      throw pool.usage(named ? "expected DIR" : "expected SOURCE and DIR");
    }
    Path directory = Text.hostPath(operands.get(operands.size() - 1));
    MountOptions mountOptions = mountOptions();
    Mount.check(directory, mountOptions);
    if (isRoot) {
      return startDocker(Text.hostPath(operands.get(0)), directory, mountOptions);
    }
    PoolSource source = pool.source(named ? null : operands.get(0));
    PoolToShow mounted = open(source, named, mountOptions);
    if (mounted.whyReadOnly().isPresent()) {
      String line = "mounted read-only: " + mounted.whyReadOnly().get();
      LOG.warn(line);
      ready.note(line);
    }
    try {
      return start(mounted, source, directory, mountOptions);
    } catch (IOException | RuntimeException e) {
      mounted.opened().close();
      throw e;
    }
  }

  private Mount startDocker(Path root, Path directory, MountOptions mountOptions)
      throws IOException {
    boolean writable =
        !mountOptions.readOnly()
            && !pool.options().metadataSnapshot()
            && (evenDockers || WritableRoot.isOwn(root));
    DockerRoot opened =
        writable
            ? DockerRoot.openWritable(pool.root(root), writing.options())
            : DockerRoot.open(pool.root(root), pool.options());
    try {
      FileTree tree = opened.tree(mountOptions);
      Closeable commands = commands(opened, root, directory);
      return start(tree, commands, opened, root.toString(), directory, mountOptions);
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** What takes commands, where the root can be changed. */
  private static Closeable commands(DockerRoot opened, Path root, Path mountPoint)
      throws IOException {
    Optional<WritableRoot> changing = opened.changing();
    return changing.isEmpty()
        ? () -> {}
        : MountedCommands.serve(changing.get(), root, mountPoint.toAbsolutePath());
  }

  private static Mount start(
      PoolToShow mounted, PoolSource source, Path directory, MountOptions options)
      throws IOException {
    String name = source.toString();
    if (!(mounted.opened() instanceof PoolVolumes volumes)) {
      FileTree tree = PoolTrees.of(mounted.pool(), name, options);
      Closeable all = () -> Closing.all(tree, mounted.opened());
      return Mount.start(tree, all, name, directory, options);
    }
    FileTree tree = PoolTrees.of(volumes, name, options);
    ControlServer commands = MountedCommands.serve(volumes, source);
    Closeable shown = () -> Closing.all(tree, volumes);
    return start(tree, commands, shown, name, directory, options);
  }

  /** Commands are taken until the mount's end; where there is none, no longer. */
  private static Mount start(
      FileTree tree,
      Closeable commands,
      Closeable shown,
      String name,
      Path directory,
      MountOptions options)
      throws IOException {
    try {
      return Mount.start(tree, () -> Closing.all(commands, shown), name, directory, options);
    } catch (IOException | RuntimeException e) {
      commands.close();
      throw e;
    }
  }

  private PoolToShow open(PoolSource source, boolean named, MountOptions mountOptions)
      throws IOException {
    PoolOptions poolOptions = pool.options();
    if (mountOptions.readOnly() || poolOptions.metadataSnapshot()) {
      return PoolToShow.readOnly(source, poolOptions);
    }
    Path directory = named ? null : Text.hostPath(operands.get(0));
    return PoolToShow.writable(directory, source, poolOptions, writing.options());
  }

  private MountOptions mountOptions() {
    try {
      return MountOptions.parse(options);
    } catch (IllegalArgumentException e) {
      throw pool.usage(String.valueOf(e.getMessage()));
    }
  }
}
