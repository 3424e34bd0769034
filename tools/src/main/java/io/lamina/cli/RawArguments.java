package io.lamina.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments of this process as the bytes they are. The JVM decodes them on the way to {@code
 * main}, and what is not UTF-8 is lost there; the kernel still has it.
 */
final class RawArguments {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

  private RawArguments() {}

  /** The arguments, one character a byte. */
  static String[] of(String[] decoded) {
    try {
      List<String> all = split(Files.readAllBytes(COMMAND_LINE));
      if (all.size() > decoded.length) {
        return all.subList(all.size() - decoded.length, all.size()).toArray(String[]::new);
      }
    } catch (IOException e) {
      // No /proc: what the JVM decoded has to do.
    }
    String[] encoded = new String[decoded.length];
    for (int i = 0; i < decoded.length; i++) {
      encoded[i] = Text.latin1(decoded[i]);
    }
    return encoded;
  }

  /** The strings of a command line, each of which a zero byte ends. */
  static List<String> split(byte[] commandLine) {
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < commandLine.length; i++) {
      if (commandLine[i] == 0) {
        words.add(new String(commandLine, start, i - start, StandardCharsets.ISO_8859_1));
        start = i + 1;
      }
    }
    return words;
  }
}
