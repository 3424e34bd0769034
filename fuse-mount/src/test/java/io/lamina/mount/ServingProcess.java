package io.lamina.mount;

import io.lamina.fs.virtual.VirtualOwner;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A mount in a process of its own, to be killed. */
final class ServingProcess implements AutoCloseable {
  final Process process;

  private ServingProcess(Process process) {
    this.process = process;
  }

  /** What the process runs. */
  public static void main(String[] args) throws Exception {
    PoolTree tree =
        new PoolTree(
            new FakePool(() -> "status\n"),
            List.of(new FakeVolume(1, new byte[512])),
            VirtualOwner.ROOT,
            false);
    Mount mount =
        Mount.start(tree, tree, "life test", Path.of(args[0]), MountOptions.parse(List.of()));
    System.out.println("ready");
    mount.await();
  }

  /** Comes back when the mount of a tree without a pool is there. */
  static ServingProcess at(Path directory) throws IOException {
    return start(ServingProcess.class, directory.toString());
  }

  /** The same, but the mount is only just beginning, and goes on when standard input has ended. */
  static ServingProcess beginningAt(Path directory) throws IOException {
    return start(BeginningServer.class, directory.toString());
  }

  /** The same for a pool. */
  static ServingProcess of(Path pool, Path directory) throws IOException {
    return start(PoolServer.class, pool.toString(), directory.toString());
  }

  private static ServingProcess start(Class<?> main, String... arguments) throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-Dfile.encoding=ISO-8859-1",
                "-cp",
                classPath,
                main.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
    String line = said.readLine();
    while (line != null && !line.equals("ready")) {
      line = said.readLine();
    }
    if (line == null) {
      throw new IOException("the serving process ended before it was ready");
    }
    return new ServingProcess(process);
  }

  int exitCode() throws InterruptedException {
    return process.waitFor(2, TimeUnit.MINUTES) ? process.exitValue() : -1;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
