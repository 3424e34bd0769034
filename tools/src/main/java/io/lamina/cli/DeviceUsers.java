package io.lamina.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who has a block device open, as far as the host tells. */
final class DeviceUsers {
  private static final Path PROCESSES = Path.of("/proc");

  private DeviceUsers() {}

  /** The first process that has it: {@code process 12 (java)}; else {@code another program}. */
  static String of(Path device) throws IOException {
    Path real = device.toRealPath();
    String self = Long.toString(ProcessHandle.current().pid());
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path process : processes) {
        if (!process.endsWith(self) && hasOpen(process, real)) {
          return "process " + process.getFileName() + " (" + name(process) + ")";
        }
      }
    }
    return "another program";
  }

  private static boolean hasOpen(Path process, Path file) {
    try (DirectoryStream<Path> opened = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path each : opened) {
        if (Files.readSymbolicLink(each).equals(file)) {
          return true;
        }
      }
    } catch (IOException e) {
      // Another user's, or it has just ended: it does not tell.
    }
    return false;
  }

  private static String name(Path process) throws IOException {
    return Files.readString(process.resolve("comm")).strip();
  }
}
