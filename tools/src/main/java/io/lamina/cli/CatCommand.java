package io.lamina.cli;

import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes files to standard output. */
@Command(
    name = "cat",
    mixinStandardHelpOptions = true,
    description = "Writes files of a pool's volumes to standard output.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:a file is not there, or none that can be read",
      "2:wrong usage",
      "3:damaged, not supported, or could not be read"
    },
    footer = {"", "Example:", "  lamina cat /srv/pool:3/etc/hostname"})
final class CatCommand implements Callable<Integer> {
  private static final int BUFFER_BYTES = 256 << 10;

  private final Console console;

  @Mixin private final PoolArguments pool;

  @Parameters(arity = "1..*", paramLabel = Location.FORM, description = "The files.")
  private final List<String> files = new java.util.ArrayList<>();

  CatCommand(Console console) {
    this.console = console;
    this.pool = new PoolArguments(console);
  }

  @Override
  public Integer call() throws IOException {
    try (OpenPools pools = new OpenPools(pool)) {
      for (String file : files) {
        Location location = pools.location(file);
        try {
          Node root = pools.tree(location).root();
          write(PathWalk.find(root, pools.path(location), true).node());
        } catch (PipeOutput.OutputException e) {
          throw e;
        } catch (IOException e) {
          console.failed(Text.display(file), e);
        }
      }
    }
    return console.exitCode();
  }

  private void write(Node node) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try (OpenFile file = node.open()) {
      long offset = 0;
      int count;
      while ((count = file.read(offset, buffer.clear())) > 0) {
        console.out().write(buffer.array(), 0, count);
        offset += count;
      }
    }
  }
}
