package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fs.AllocationMode;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The power is cut at flushes and between them. Each file's bytes say whose they are: a file shows
 * its own, or zeroes.
 */
class ContentPowerCutTest {
  private static final Owner OWNER = new Owner(0, 0);
  private static final int STEPS = 160;
  private static final int CUTS = 4;
  private static final int UNIT_BYTES = 64;
  private static final int NAMES = 8;
  private static final long VOLUME_BYTES = 12 << 20;

  @TempDir(factory = InMemory.class)
  Path directory;

  /** What a name stood for when that became durable. */
  private static final class Promise {
    private final int moment;
    private final int step;
    private final byte[] content;

    /** A promise; without content there was nothing of that name. */
    Promise(int moment, int step, byte[] content) {
      this.moment = moment;
      this.step = step;
      this.content = content;
    }
  }

  private final Map<String, byte[]> model = new HashMap<>();

  /** The moment when each step began. */
  private final List<Integer> begins = new ArrayList<>();

  /** All that a name was changed in, step by step. */
  private final Map<String, List<Integer>> changes = new HashMap<>();

  private final Map<String, List<Promise>> promises = new HashMap<>();
  private int nextOwner = 1;
  private final Map<String, Integer> owners = new HashMap<>();

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "as mke2fs has it | -b 1024 -J size=1",
        "4 KiB blocks | -b 4096 -J size=4",
        "no extents, no checksums | -b 1024 -J size=1 -O ^extent,^64bit,^metadata_csum",
        "bigalloc | -b 1024 -J size=1 -O bigalloc -C 4096",
        "inline_data, orphan_file | -b 1024 -J size=1 -O inline_data,orphan_file -I 512",
      })
  void whatWasMadeDurableIsThere(String name, String options) throws Exception {
    Tools.require("mke2fs", "e2fsck");
    int seeds = Integer.getInteger("lamina.seeds", 5) / 5;
    for (int seed = 0; seed < seeds; seed++) {
      model.clear();
      changes.clear();
      begins.clear();
      promises.clear();
      owners.clear();
      Path image = directory.resolve("volume.img");
      E2fsprogs.mke2fs(image, "12M", "-t ext4 " + options);
      Random random = new Random(seed);
      RecordingDevice device = new RecordingDevice(Files.readAllBytes(image));
      play(Medium.VOLUME, device, random);
      cut(Medium.VOLUME, device, image, random);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "1 KiB blocks | -b 1024 -J size=1",
        "4 KiB blocks | -b 4096 -J size=4",
        "no extents, no checksums | -b 1024 -J size=1 -O ^extent,^64bit,^metadata_csum",
      })
  void whatWasMadeDurableIsThereInAThinVolume(String name, String options) throws Exception {
    Tools.require("mke2fs", "e2fsck");
    Path image = directory.resolve("volume.img");
    E2fsprogs.mke2fs(image, "12M", "-t ext4 " + options);
    Medium medium = new PoolMedium(VOLUME_BYTES);
    Random random = new Random(name.hashCode());
    RecordingDevice device = new RecordingDevice(PoolMedium.holding(Files.readAllBytes(image)));
    play(medium, device, random);
    cut(medium, device, image, random);
  }

  private void play(Medium medium, RecordingDevice device, Random random) throws IOException {
    try (Medium.Opened opened = medium.open(device);
        Ext4 volume = Ext4.openWritable(opened.volume(), WriteOptions.DEFAULT)) {
      promiseAll(device, 0);
      for (int step = 0; step < STEPS; step++) {
        begins.add(device.moment());
        String name = "f" + random.nextInt(NAMES);
        int kind = random.nextInt(12);
        if (kind == 0) {
          volume.sync();
          promiseAll(device, step);
        } else {
          change(volume.root(), name, kind, step, random);
          Node node = volume.root().child(Name.ofLatin1(name));
          if (node != null && random.nextInt(5) == 0) {
            sync(node, random.nextBoolean());
            promise(name, device, step + 1);
          }
        }
      }
    }
  }

  private static void sync(Node node, boolean dataOnly) throws IOException {
    try (WritableFile file = node.openForWriting()) {
      file.sync(dataOnly);
    }
  }

  private void promiseAll(RecordingDevice device, int step) {
    for (int nr = 0; nr < NAMES; nr++) {
      promise("f" + nr, device, step);
    }
  }

  private void promise(String name, RecordingDevice device, int step) {
    promises
        .computeIfAbsent(name, key -> new ArrayList<>())
        .add(new Promise(device.moment(), step, model.get(name)));
  }

  private void change(Node root, String name, int kind, int step, Random random)
      throws IOException {
    Node node = root.child(Name.ofLatin1(name));
    changes.computeIfAbsent(name, key -> new ArrayList<>()).add(step);
    if (node == null) {
      root.create(Name.ofLatin1(name), NewFile.regular(0644, OWNER));
      model.put(name, new byte[0]);
      owners.put(name, nextOwner++);
    } else if (kind == 1) {
      root.unlink(Name.ofLatin1(name));
      model.remove(name);
    } else if (kind == 2) {
      String target = "f" + random.nextInt(NAMES);
      changes.computeIfAbsent(target, key -> new ArrayList<>()).add(step);
      root.rename(Name.ofLatin1(name), root, Name.ofLatin1(target), RenameMode.REPLACE);
      model.put(target, model.get(name));
      owners.put(target, owners.get(name));
      if (!target.equals(name)) {
        model.remove(name);
      }
    } else {
      try (WritableFile file = node.openForWriting()) {
        model.put(name, content(file, model.get(name), owners.get(name), kind, random));
      }
    }
  }

  private static byte[] content(
      WritableFile file, byte[] before, int owner, int kind, Random random) throws IOException {
    int offset = random.nextInt(3000) * UNIT_BYTES;
    int length = (1 + random.nextInt(1 << random.nextInt(10))) * UNIT_BYTES;
    if (kind == 3) {
      file.truncate(offset / 2);
      return Arrays.copyOf(before, offset / 2);
    }
    if (kind == 4) {
      file.allocate(offset, length, AllocationMode.PUNCH_HOLE);
      byte[] after = before.clone();
      int end = Math.min(after.length, offset + length);
      Arrays.fill(after, Math.min(offset, end), end, (byte) 0);
      return after;
    }
    byte[] bytes = pattern(owner, length);
    file.write(offset, ByteBuffer.wrap(bytes));
    byte[] after = Arrays.copyOf(before, Math.max(before.length, offset + length));
    System.arraycopy(bytes, 0, after, offset, length);
    return after;
  }

  private static byte[] pattern(int owner, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      bytes.putInt(0x5eed_0000 | owner);
    }
    return bytes.array();
  }

  private void cut(Medium medium, RecordingDevice device, Path image, Random random)
      throws IOException {
    RecordingDevice.Cuts cuts = device.new Cuts();
    for (int moment : moments(device, random)) {
      byte[] found = cuts.at(moment, random);
      Files.write(image, medium.volume(found.clone()));
      Tools.run(1, "", "e2fsck", "-fp", image.toString()); // what e2fsck alone makes of it
      Tools.run(0, "", "e2fsck", "-fn", image.toString());
      try (Medium.Opened opened = medium.open(new RecordingDevice(found));
          Ext4 volume = Ext4.openWritable(opened.volume(), WriteOptions.DEFAULT)) {
        assertThat(volume.isWritable()).isTrue();
        requirePromises(volume.root(), moment);
      }
      Files.write(image, medium.volume(found));
      Tools.run(0, "", "e2fsck", "-fn", image.toString());
    }
  }

  /** Some flushes, and some moments between them. */
  private static Set<Integer> moments(RecordingDevice device, Random random) {
    int cuts = CUTS * Math.min(10, Integer.getInteger("lamina.seeds", 5) / 5);
    Set<Integer> moments = new TreeSet<>();
    List<Integer> flushes = device.flushes();
    for (int i = 0; i < cuts; i++) {
      moments.add(flushes.get(random.nextInt(flushes.size())));
      moments.add(random.nextInt(device.moment()));
    }
    return moments;
  }

  private void requirePromises(Node root, int moment) throws IOException {
    for (int nr = 0; nr < NAMES; nr++) {
      String name = "f" + nr;
      Node node = root.child(Name.ofLatin1(name));
      byte[] seen = node == null ? null : content(node);
      Promise kept = kept(name, moment);
      if (!isChanged(name, kept.step, moment)) {
        assertThat(Arrays.equals(seen, kept.content))
            .as(name + " as it was durable before step " + kept.step + ", cut at " + moment)
            .isTrue();
      } else if (seen != null) {
        requireOwnBytes(name, seen);
      }
    }
  }

  private Promise kept(String name, int moment) {
    Promise kept = promises.get(name).get(0);
    for (Promise promise : promises.get(name)) {
      kept = promise.moment <= moment ? promise : kept;
    }
    return kept;
  }

  private boolean isChanged(String name, int since, int moment) {
    for (int step : changes.getOrDefault(name, List.of())) {
      if (step >= since && begins.get(step) <= moment) {
        return true;
      }
    }
    return false;
  }

  /** All words of a file are zero, or of one and the same owner. */
  private static void requireOwnBytes(String name, byte[] seen) {
    ByteBuffer words = ByteBuffer.wrap(seen);
    Set<Integer> owners = new HashSet<>();
    while (words.remaining() >= Integer.BYTES) {
      int word = words.getInt();
      if (word != 0) {
        owners.add(word);
      }
    }
    assertThat(owners).as("owners of the words of " + name).hasSizeLessThanOrEqualTo(1);
  }

  private static byte[] content(Node node) throws IOException {
    try (OpenFile file = node.open()) {
      ByteBuffer content = ByteBuffer.allocate((int) file.size());
      file.read(0, content);
      return content.array();
    }
  }
}
