package io.lamina.cli;

import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.WritableFile;
import io.lamina.graph.DurableFile;
import io.lamina.mount.DockerRoot;
import io.lamina.thin.WriteOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
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
          "jnr/x86asm/",
          "jnr/x86asm/",
          "com/kenai/jffi/",
          "ru/serce/jnrfuse/",
          "org/objectweb/asm/",
          "org/slf4j/",
          "ch/qos/logback/",
          "com/github/benmanes/caffeine/cache/");

  private static final int EMPTY_TAR_BYTES = 1024;
  private static final Name FILE = Name.of("file");

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
      runOnPool(err);
      runOnStore(err, "thin");
      runOnStore(err, "aufs");
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

  /** Runs a command; gives what it prints. */
  private static String run(PrintStream err, String... command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Lamina.run(new Console(out, err, false, false), command);
    return out.toString(StandardCharsets.UTF_8);
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

  private static void runOnPool(PrintStream err) throws IOException {
    Path directory = Files.createTempDirectory("lamina-training");
    String pool = directory.resolve("pool").toString();
    try {
      run(err, "pool", "create", pool, "--data-size", "64M");
      run(err, "volume", "create", pool, "one", "--size", "32M", "--fs", "ext4");
      mount(err, directory, "volumes/one", pool);
    } finally {
      DurableFile.removeTree(directory);
    }
  }

  private static void mount(PrintStream err, Path directory, String changed, String source)
      throws IOException {
    new MountTraining(directory.resolve("mnt"), words -> run(err, words)).run(changed, source);
  }

  /** A store and a container, changed without a mount and with one: who is first need not wait. */
  private static void runOnStore(PrintStream err, String driver) throws IOException {
    Path directory = Files.createTempDirectory("lamina-training");
    String store = directory.resolve("store").toString();
    String archive = directory.resolve("archive").toString();
    Path tar = directory.resolve("tar");
    try {
      Files.write(tar, new byte[EMPTY_TAR_BYTES]);
      run(err, "init", store, "--driver", driver, "--data-size", "256M");
      run(err, "import", "--root", store, tar.toString(), "training:1");
      String container = run(err, "create", "--root", store, "training:1", "true").strip();
      change(Path.of(store), "mnt/" + container);
      mount(err, directory, "mnt/" + container, store);
      run(err, "diff", "--root", store, container);
      run(err, "commit", "--root", store, container, "training:2");
      run(err, "save", "--root", store, "-o", archive, "training:2");
      run(err, "load", "--root", store, "-i", archive);
      for (String list : List.of("images", "ps")) {
        run(err, list, "-a", "--root", store);
      }
    } finally {
      DurableFile.removeTree(directory);
    }
  }

  private static void change(Path store, String container) throws IOException {
    try (DockerRoot root = DockerRoot.openWritable(store, WriteOptions.DEFAULT)) {
      Node directory = PathWalk.find(root.tree().root(), container, true).node();
      Node file = directory.create(FILE, NewFile.regular(0600, new Owner(0, 0)));
      try (WritableFile open = file.openForWriting()) {
        open.write(0, ByteBuffer.allocate(1));
        open.sync(false);
      }
      directory.list(0, (name, inodeNr, type, next) -> true);
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
