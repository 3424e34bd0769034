package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.block.BlockDevice;
import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.host.HostTree;
import io.lamina.graph.DurableFile;
import io.lamina.graph.GoJson;
import io.lamina.graph.Id;
import io.lamina.graph.Reference;
import io.lamina.layer.archive.TarWriter;
import io.lamina.layer.archive.TreeTar;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Makes what stores are tried with, and asks other people's tools about them. */
public final class StoreTools {
  private static final List<String> DIRECTORIES = List.of("/usr/sbin", "/sbin", "/usr/bin");

  private StoreTools() {}

  public static void requireMkfs() {
    assumeTrue(has("mkfs.ext4"), "mkfs.ext4 is not installed");
  }

  private static boolean has(String program) {
    return DIRECTORIES.stream().anyMatch(it -> Files.isExecutable(Path.of(it, program)));
  }

  /** Skips the test where owners cannot be given, nor file systems made. */
  public static void requireRootAndMkfs() throws IOException {
    requireMkfs();
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "owners can be given by root only");
  }

  /** The tar of a layer with these files; names and contents in turn. */
  public static byte[] tar(Path scratch, List<String> namesAndContents) throws IOException {
    Path files = Files.createTempDirectory(scratch, "layer");
    for (int i = 0; i < namesAndContents.size(); i += 2) {
      Path file = files.resolve(namesAndContents.get(i));
      Files.createDirectories(file.getParent());
      Files.writeString(file, namesAndContents.get(i + 1));
    }
    date(files);
    byte[] tar = tar(files);
    DurableFile.removeTree(files);
    return tar;
  }

  /** The same files give the same tar, whenever they are made. */
  private static void date(Path files) throws IOException {
    try (Stream<Path> all = Files.walk(files)) {
      for (Path file : all.toList()) {
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_600_000_000_000L));
      }
    }
  }

  /** The tar of a layer with what lies in a directory. */
  public static byte[] tar(Path files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (HostTree tree = HostTree.open(files, false);
        TarWriter tar = new TarWriter(bytes)) {
      new TreeTar(tar).writeBelow(tree.root());
    }
    return bytes.toByteArray();
  }

  /** Adds an image of one layer. */
  public static Id addImage(WritableRoot root, byte[] tar, String name) throws IOException {
    StoredLayer layer = root.addLayer(null, new ByteArrayInputStream(tar), null);
    Id image = root.addImage(config(layer), layer, null);
    root.tag(Reference.parse(name), image);
    return image;
  }

  /** The config of an image with these layers, one step each. */
  public static byte[] config(StoredLayer... layers) throws IOException {
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
    return List.copyOf(PoolSource.find(root).names().values());
  }

  /** Has thin_check look at a store's pool, and e2fsck at its volumes, where they are installed. */
  public static void checkPool(Path root, NewStore.Kind kind) throws Exception {
    PoolSource source =
        kind == NewStore.Kind.THIN
            ? PoolSource.find(root)
            : PoolSource.directory(root.resolve("aufs"));
    if (has("thin_check")) {
      requireSound("thin_check", source.metadata());
    }
    if (has("e2fsck")) {
      checkFileSystems(source);
    }
  }

  private static void checkFileSystems(PoolSource source) throws Exception {
    Path image = Files.createTempFile("lamina-volume", null);
    try (ThinPool pool = ThinPool.open(source, PoolOptions.DEFAULT)) {
      for (int id : pool.volumeIds()) {
        try (FileChannel out =
            FileChannel.open(
                image, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
          write(KeptVolumeFiles.sized(pool, id), out);
        }
        // A dirty journal is replayed first, as whoever opens the volume would.
        requireSound("e2fsck", "-y", "-E", "journal_only", image);
        requireSound("e2fsck", "-fn", image);
      }
    } finally {
      Files.delete(image);
    }
  }

  private static void write(BlockDevice volume, FileChannel out) throws IOException {
    out.write(ByteBuffer.allocate(1), volume.size() - 1);
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    long at = volume.nextData(0);
    while (at < volume.size()) {
      bytes.clear().limit((int) Math.min(bytes.capacity(), volume.size() - at));
      volume.read(at, bytes);
      at += out.write(bytes.flip(), at);
      at = volume.nextData(at);
    }
  }

  private static void requireSound(Object... command) throws Exception {
    List<String> words = Stream.of(command).map(Object::toString).toList();
    Process check = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor()).as(words + "\n" + said).isZero();
  }
}
