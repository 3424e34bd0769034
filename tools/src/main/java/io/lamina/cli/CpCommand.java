package io.lamina.cli;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import io.lamina.fs.host.HostCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Copies files out of a pool. */
@Command(
    name = "cp",
    mixinStandardHelpOptions = true,
    description = {
      "Copies files out of a pool's volumes to this host.",
      "As cp does, but what is in the way is replaced, never written through: no link in DEST is"
          + " followed. A path that ends in /. copies what is in the directory. With -a, who is"
          + " not root keeps the copies, and is told what else could not be kept."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:a file is not there, or not all of it could be written",
      "2:wrong usage",
      "3:damaged, not supported, or could not be read"
    },
    footer = {"", "Example:", "  lamina cp -a /srv/pool:3/etc /tmp/etc"})
final class CpCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final PoolArguments pool;

  @Option(
      names = {"-a", "--archive"},
      description = "Directories, and keep owner, mode, times, xattrs, hard links.")
  private boolean archive;

  @Option(
      names = {"-r", "-R", "--recursive"},
      description = "Directories with all that is in them.")
  private boolean recursive;

  @Parameters(
      arity = "2..*",
      paramLabel = Location.FORM + " DEST",
      hideParamSyntax = true,
      description = "What to copy, and the file or directory to copy it to.")
  private final List<String> operands = new ArrayList<>();

  CpCommand(Console console) {
    this.console = console;
    this.pool = new PoolArguments(console);
  }

  @Override
  public Integer call() throws IOException {
    String destination = operands.get(operands.size() - 1);
    List<String> sources = operands.subList(0, operands.size() - 1);
    boolean intoDirectory = Files.isDirectory(Text.hostPath(destination));
    if (sources.size() > 1 && !intoDirectory) {
      throw new FsException(Errno.ENOTDIR, Text.display(destination));
    }
    Map<String, HostCopy> copies = new HashMap<>(); // files of two volumes may have one number
    try (OpenPools pools = new OpenPools(pool);
        CopyProgress progress = new CopyProgress(console)) {
      try {
        for (String source : sources) {
          Location location = pools.location(source);
          try {
            FileTree tree = pools.tree(location);
            HostCopy copy =
                copies.computeIfAbsent(
                    location.source() + ":" + location.volume(),
                    any -> new HostCopy(recursive || archive, archive, progress));
            if (location.lastName().isEmpty()) {
              progress.expect(usedBytes(tree));
            }
            Node node =
                PathWalk.find(tree.root(), pools.path(location), !archive && !recursive).node();
            copy(copy, node, location, destination, intoDirectory);
          } catch (IOException e) {
            console.failed(Text.display(source), e);
          }
        }
      } finally {
        for (HostCopy copy : copies.values()) {
          copy.close();
        }
      }
    }
    return console.exitCode();
  }

  private static long usedBytes(FileTree tree) throws IOException {
    TreeSpace space = tree.space();
    return (space.blockCount() - space.freeBlockCount()) * space.blockBytes();
  }

  private void copy(
      HostCopy copy, Node node, Location location, String destination, boolean intoDirectory)
      throws IOException {
    String last = location.lastName();
    boolean content = last.equals(".") || last.equals("..");
    if (content && intoDirectory && node.attributes().isDirectory()) {
      if (!archive && !recursive) {
        throw new FsException(Errno.EISDIR, "not copied without -r");
      }
      copy.copyInto(node, Name.ofLatin1(destination));
    } else if (intoDirectory) {
      Name name = Name.ofLatin1(last.isEmpty() ? location.volume() : last);
      copy.copy(node, Name.ofLatin1(destination), name);
    } else {
      String trimmed = destination.replaceAll("/+$", "");
      int slash = trimmed.lastIndexOf('/');
      String parent = slash < 0 ? "." : slash == 0 ? "/" : trimmed.substring(0, slash);
      copy.copy(node, Name.ofLatin1(parent), Name.ofLatin1(trimmed.substring(slash + 1)));
    }
  }
}
