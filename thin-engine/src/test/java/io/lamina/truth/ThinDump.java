package io.lamina.truth;

import io.lamina.images.MetadataDump;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** {@code thin_dump} of thin-provisioning-tools, where it is installed. */
final class ThinDump {
  private ThinDump() {}

  static boolean isMissing() {
    try {
      new ProcessBuilder("thin_dump", "--version").start().waitFor();
      return false;
    } catch (IOException e) {
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static MetadataDump of(Path metadata) throws IOException {
    Process process =
        new ProcessBuilder("thin_dump", metadata.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (InputStream xml = process.getInputStream()) {
      return MetadataDump.read(xml);
    }
  }
}
