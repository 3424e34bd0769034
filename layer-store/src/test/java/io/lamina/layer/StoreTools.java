package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.host.HostTree;
import io.lamina.graph.DurableFile;
import io.lamina.graph.GoJson;
import io.lamina.layer.archive.TarWriter;
import io.lamina.layer.archive.TreeTar;
import io.lamina.source.VolumeRecord;
import io.lamina.source.VolumeRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Makes what stores are tried with, and asks other people's tools about them. */
final class StoreTools {
  private static final List<String> DIRECTORIES = List.of("/usr/sbin", "/sbin", "/usr/bin");

  private StoreTools() {}

  static void requireMkfs() {
    assumeTrue(has("mkfs.ext4"), "mkfs.ext4 is not installed");
  }

  private static boolean has(String program) {
    return DIRECTORIES.stream().anyMatch(it -> Files.isExecutable(Path.of(it, program)));
  }

  /** The tar of a layer with these files; names and contents in turn. */
  static byte[] tar(Path scratch, List<String> namesAndContents) throws IOException {
    Path files = Files.createTempDirectory(scratch, "layer");
    for (int i = 0; i < namesAndContents.size(); i += 2) {
      Path file = files.resolve(namesAndContents.get(i));
      Files.createDirectories(file.getParent());
      Files.writeString(file, namesAndContents.get(i + 1));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (HostTree tree = HostTree.open(files, false);
        TarWriter tar = new TarWriter(bytes)) {
      new TreeTar(tar).writeBelow(tree.root());
    }
    DurableFile.removeTree(files);
    return bytes.toByteArray();
  }

  /** The config of an image with these layers, one step each. */
  static byte[] config(StoredLayer... layers) throws IOException {
    List<Object> history = new ArrayList<>();
    List<String> diffIds = new ArrayList<>();
    for (StoredLayer layer : layers) {
      history.add(Map.of("created", "2026-11-01T12:00:00Z", "created_by", "layer"));
      diffIds.add(Objects.requireNonNull(layer.record().diffId()).text());
    }
    return GoJson.bytes(
        Map.of(
            "architecture",
            "amd64",
            "os",
            "linux",
            "created",
            "2026-11-01T12:00:00Z",
            "config",
            Map.of("Cmd", List.of("/bin/sh"), "Env", List.of("PATH=/bin")),
            "history",
            history,
            "rootfs",
            Map.of("type", "layers", "diff_ids", diffIds)));
  }

  static String read(FileTree tree, String path) throws IOException {
    Node node = tree.root();
    for (String name : path.split("/", -1)) {
      node = Objects.requireNonNull(node.child(Name.of(name)), path);
    }
    try (OpenFile file = node.open()) {
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      while (bytes.hasRemaining() && file.read(bytes.position(), bytes) > 0) {
        // until all of it was read
      }
      return new String(bytes.array(), StandardCharsets.UTF_8);
    }
  }

  /** What the pool's records call its volumes. */
  static List<String> volumes(Path root) throws IOException {
    return VolumeRecords.ofDocker(root).all().stream().map(VolumeRecord::name).toList();
  }

  static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  /** Has thin_check look at a store's pool, where it is installed. */
  static void checkPool(Path root, NewStore.Kind kind) throws Exception {
    Path pool =
        kind == NewStore.Kind.THIN
            ? root.resolve("devicemapper/devicemapper")
            : root.resolve("aufs");
    if (has("thin_check")) {
      Process check =
          new ProcessBuilder("thin_check", pool.resolve("metadata").toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(check.waitFor()).as(said).isZero();
    }
  }
}
