package io.lamina.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * What the launcher runs once to write the archive of classes that later starts map into memory: it
 * makes the JVM load what commands need.
 */
final class Training {
  private static final String[][] COMMANDS = {
    {"--help"},
    {"--version"},
    {"ls", "-l", "/dev/null:0/x"},
    {"ls", "--json", "/dev/null:0/x"},
    {"cat", "/dev/null:0/x"},
    {"cp", "-a", "/dev/null:0/x", "/dev/null"},
    {"volume", "ls", "/dev/null"},
    {"pool", "status", "--json", "/dev/null"},
    {"pool", "status", "--metadata", "/dev/zero", "--data", "/dev/zero"},
    {"mount", "/dev/null", "/dev/null"},
    {"umount", "/dev/null"}
  };

  /** Lamina's own classes, and those of the libraries that a mount or a copy needs at once. */
  private static final List<String> LOADED =
      List.of(
          "io/lamina/",
          "jnr/ffi/",
          "com/kenai/jffi/",
          "ru/serce/jnrfuse/",
          "org/objectweb/asm/",
          "org/slf4j/",
          "ch/qos/logback/",
          "com/github/benmanes/caffeine/cache/");

  private static final String POOL =
      """
      <superblock uuid="" time="0" transaction="0" data_block_size="128" nr_data_blocks="8">
        <device dev_id="0" mapped_blocks="1" transaction="0" creation_time="0" snap_time="0">
          <single_mapping origin_block="0" data_block="0" time="0"/>
          <range_mapping origin_begin="3" data_begin="2" length="2" time="0"/>
        </device>
      </superblock>
      """;

  private Training() {}

  /** Goes through the commands without doing anything, then loads the rest of Lamina. */
  public static void main(String[] args) throws IOException {
    try (PrintStream err =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8)) {
      for (String[] command : COMMANDS) {
        run(err, command);
      }
      runOnMetadata(err);
    }
    Enumeration<URL> manifests =
        Training.class.getClassLoader().getResources(JarFile.MANIFEST_NAME);
    while (manifests.hasMoreElements()) {
      String jar = manifests.nextElement().getPath();
      int end = jar.indexOf("!/");
      if (end > 0) {
        load(Path.of(URI.create(jar.substring(0, end))));
      }
    }
  }

  private static void run(PrintStream err, String... command) {
    Lamina.run(new Console(new ByteArrayOutputStream(), err, false, false), command);
  }

  /** Commands that are over sooner than the JVM has started need a pool, or they do not begin. */
  private static void runOnMetadata(PrintStream err) throws IOException {
    Path directory = Files.createTempDirectory("lamina-training");
    Path xml = directory.resolve("xml");
    Path metadata = directory.resolve("metadata");
    try {
      Files.writeString(xml, POOL);
      run(err, "pool", "restore", xml.toString(), "--output", metadata.toString());
      run(err, "pool", "check", metadata.toString());
      run(err, "pool", "dump", metadata.toString());
    } finally {
      Files.deleteIfExists(metadata);
      Files.deleteIfExists(xml);
      Files.deleteIfExists(directory);
    }
  }

  private static void load(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      file.stream()
          .map(JarEntry::getName)
          .filter(name -> LOADED.stream().anyMatch(name::startsWith) && name.endsWith(".class"))
          .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
          .filter(name -> !name.endsWith("-info"))
          .forEach(Training::load);
    }
  }

  private static void load(String className) {
    try {
      Class.forName(className, false, Training.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      // Then it is loaded from the jar when it is needed.
    }
  }
}
