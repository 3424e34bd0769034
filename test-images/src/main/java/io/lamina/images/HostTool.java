package io.lamina.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the host's programs. */
public final class HostTool {
  private HostTool() {}

  /** Whether a program is there. */
  public static boolean exists(String program) {
    for (String directory : System.getenv("PATH").split(":", -1)) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Gives paths to a program as its last arguments, as many at a time as there is room for.
   *
   * @param paths relative to the directory; each character is one byte
   * @return what it printed; each character is one byte
   * @throws IOException when it failed, with its complaint
   */
  static String run(Path directory, List<String> paths, String... command) throws IOException {
    List<String> full = new ArrayList<>(List.of("xargs", "-0", "-r"));
    full.addAll(List.of(command));
    return run(directory, String.join("\0", paths), full);
  }

  /**
   * Runs a program.
   *
   * @return what it printed; each character is one byte
   * @throws IOException when it failed, with its complaint
   */
  public static String run(Path directory, String input, List<String> command) throws IOException {
    Path in = Files.createTempFile("lamina-in", null);
    Path complaints = Files.createTempFile("lamina-err", null);
    try {
      Files.writeString(in, input, StandardCharsets.ISO_8859_1);
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.directory(directory.toFile());
      builder.environment().put("LC_ALL", "C");
      builder.redirectInput(in.toFile()).redirectError(complaints.toFile());
      Process process = builder.start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      if (process.waitFor() != 0) {
        String complaint = Files.readString(complaints, StandardCharsets.ISO_8859_1);
        throw new IOException(command + " in " + directory + ": " + complaint);
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Files.delete(in);
      Files.delete(complaints);
    }
  }
}
