package io.lamina.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Which file it is, whatever path leads to it: a block device is known by its numbers, since there
 * may be several nodes of it, all else by where it lies.
 *
 * @param text of letters that may stand in a file's name
 */
public record FileIdentity(String text) {
  private static final long TYPE = 0170000;
  private static final long BLOCK_DEVICE = 0060000;

  /** That of a file, directory or block device; links are followed. */
  public static FileIdentity of(Path file) throws IOException {
    if ((number(file, "mode") & TYPE) == BLOCK_DEVICE) {
      return new FileIdentity("device-" + hex(file, "rdev"));
    }
    return new FileIdentity(hex(file, "dev") + "-" + hex(file, "ino"));
  }

  private static String hex(Path file, String attribute) throws IOException {
    return Long.toHexString(number(file, attribute));
  }

  /** A number that {@code stat} has of a file. */
  static long number(Path file, String attribute, LinkOption... options) throws IOException {
    return ((Number) Files.getAttribute(file, "unix:" + attribute, options)).longValue();
  }
}
