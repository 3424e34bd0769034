package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.block.BlockDevice;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import io.lamina.images.Fixture;
import io.lamina.images.Manifest;
import io.lamina.images.ManifestEntry;
import io.lamina.images.ManifestField;
import io.lamina.images.TrueDevice;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import io.lamina.thin.WritablePool;
import io.lamina.truth.TreeManifest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pools that the kernel wrote are changed through their files: what was not meant stays. */
class FixturesChangedTest {
  private static final Owner OWNER = new Owner(1000, 1000);
  private static final int PIECE_BYTES = 1 << 20;
  private static final long LARGEST_CHECKED_BYTES = 64L << 30;
  private static final int MOST_CHANGED = 2;

  @TempDir Path directory;
  private Path metadata;
  private Path data;

  /** Of each device's content, by its id. */
  private Map<Integer, String> hashes = Map.of();

  /** Paths that were changed on purpose, and the directories that they lie in. */
  private final Set<String> touched = new HashSet<>();

  @ParameterizedTest
  @EnumSource(
      value = Fixture.class,
      names = {
        "KERNEL_THIN_BASIC",
        "KERNEL_THIN_CRASH_1",
        "KERNEL_THIN_REVOKE",
        "KERNEL_THIN_SHARED_OVERFLOW",
        "LVM_THIN",
        "DOCKER_DEVICEMAPPER",
        "DOCKER19_DEVICEMAPPER"
      })
  void onlyWhatWasMeantIsChanged(Fixture fixture) throws Exception {
    Tools.require("e2fsck");
    metadata = Fixture.copy(fixture.metadata(), directory.resolve("metadata"));
    data = Fixture.copy(fixture.data(), directory.resolve("data"));
    List<TrueDevice> devices = fixture.truth().devices();
    hashes = hashes(devices);
    int changedCount = 0;
    for (TrueDevice device : devices) {
      boolean isCandidate =
          device.fileSystem().startsWith("ext") && device.size() <= LARGEST_CHECKED_BYTES;
      if (isCandidate && changedCount < MOST_CHANGED) {
        changedCount += changed(device, devices) ? 1 : 0;
      }
    }
    assumeTrue(changedCount > 0, "no volume of it can be written to");
  }

  private ThinPool openPool() throws IOException {
    return ThinPool.open(PoolSource.files(metadata, data), PoolOptions.DEFAULT);
  }

  private Manifest manifest(TrueDevice device) throws IOException {
    try (ThinPool pool = openPool();
        Ext4 tree = Ext4.open(pool.volume(device.id()).withSize(device.size()))) {
      return TreeManifest.of(tree.root());
    }
  }

  private boolean changed(TrueDevice device, List<TrueDevice> all) throws Exception {
    Manifest before = manifest(device);
    touched.clear();
    try (WritablePool pool =
            WritablePool.open(
                PoolSource.files(metadata, data),
                PoolOptions.DEFAULT,
                io.lamina.thin.WriteOptions.DEFAULT);
        Ext4 tree =
            Ext4.openWritable(
                pool.volume(device.id()).withSize(device.size()), WriteOptions.DEFAULT)) {
      if (tree.readOnlyReason() != null) {
        return false;
      }
      change(tree, before, new Random(device.id()));
    }
    Manifest after = manifest(device);
    assertThat(before.differences(after, this::isKept).stream().filter(this::isUnmeant)).isEmpty();
    Map<Integer, String> now = hashes(all);
    assertThat(now.remove(device.id())).isNotEqualTo(hashes.get(device.id()));
    assertThat(hashes).containsAllEntriesOf(now);
    hashes.putAll(hashes(List.of(device)));
    check(device);
    return true;
  }

  private void change(Ext4 tree, Manifest before, Random random) throws IOException {
    Node root = tree.root();
    Node made = root.create(Name.of("made"), NewFile.directory(0755, OWNER));
    touched.addAll(List.of("/", "/made"));
    for (int i = 0; i < 50; i++) {
      write(made.create(Name.of("new" + i), NewFile.regular(0644, OWNER)), 0, i * 1000);
      touched.add("/made/new" + i);
    }
    List<String> files = new ArrayList<>();
    for (ManifestEntry entry : before.entries().values()) {
      if (entry.type() == 'f' && entry.linkCount() == 1) {
        files.add(entry.path());
      }
    }
    for (int i = 0; i < 12 && !files.isEmpty(); i++) {
      changeOne(tree, files.remove(random.nextInt(files.size())), i);
    }
  }

  private void changeOne(Ext4 tree, String path, int number) throws IOException {
    int slash = path.lastIndexOf('/');
    Node parent = tree.root();
    for (String part : path.substring(0, slash).split("/", -1)) {
      parent = part.isEmpty() ? parent : parent.child(Name.ofLatin1(part));
    }
    Name name = Name.ofLatin1(path.substring(slash + 1));
    Node file = parent.child(name);
    if (file == null || file.attributes().type() != FileType.REGULAR || file.flags() != 0) {
      return; // marked immutable, or the like
    }
    touched.add(path);
    touched.add(slash == 0 ? "/" : path.substring(0, slash));
    switch (number % 3) {
      case 0 -> write(file, file.attributes().size() / 2, 70_000);
      case 1 -> parent.unlink(name);
      default -> {
        Node target = tree.root().child(Name.of("made"));
        parent.rename(name, target, Name.of("moved" + number), RenameMode.REPLACE);
        touched.add("/made/moved" + number);
      }
    }
  }

  private static void write(Node node, long offset, int length) throws IOException {
    try (WritableFile file = node.openForWriting()) {
      file.write(offset, ByteBuffer.allocate(length));
    }
  }

  private boolean isKept(ManifestEntry entry, ManifestField field) {
    return !touched.contains(entry.path());
  }

  /** A path that is missing, or there and was not. */
  private boolean isUnmeant(String difference) {
    return touched.stream().noneMatch(path -> difference.startsWith(path + ": "));
  }

  private Map<Integer, String> hashes(List<TrueDevice> devices) throws Exception {
    Map<Integer, String> made = new HashMap<>();
    try (ThinPool pool = openPool()) {
      for (TrueDevice device : devices) {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        BlockDevice volume = pool.volume(device.id()).withSize(device.size());
        forEachPiece(volume, (offset, bytes) -> digest.update(bytes));
        made.put(device.id(), HexFormat.of().formatHex(digest.digest()));
      }
    }
    return made;
  }

  /** Takes what is mapped. */
  @FunctionalInterface
  private interface Taker {
    void take(long offset, ByteBuffer bytes) throws IOException;
  }

  private static void forEachPiece(BlockDevice device, Taker taker) throws IOException {
    long at = device.nextData(0);
    while (at < device.size()) {
      long end = Math.min(device.nextHole(at), at + PIECE_BYTES);
      ByteBuffer piece = ByteBuffer.allocate((int) (end - at));
      device.read(at, piece);
      taker.take(at, piece.flip());
      at = device.nextData(end);
    }
  }

  private void check(TrueDevice device) throws IOException {
    Path image = directory.resolve("checked.img");
    Files.deleteIfExists(image);
    try (ThinPool pool = openPool();
        RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(device.size());
      BlockDevice volume = pool.volume(device.id()).withSize(device.size());
      forEachPiece(volume, (offset, bytes) -> file.getChannel().write(bytes, offset));
    }
    Tools.run(0, "", "e2fsck", "-fn", image.toString());
    if (Tools.isThere("thin_check")) {
      Tools.run(0, "", "thin_check", "-q", metadata.toString());
    }
  }
}
