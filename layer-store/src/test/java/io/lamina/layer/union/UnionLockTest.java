package io.lamina.layer.union;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.ext4.E2fsprogs;
import io.lamina.ext4.Ext4;
import io.lamina.ext4.InMemory;
import io.lamina.ext4.ThinImages;
import io.lamina.ext4.Tools;
import io.lamina.fs.Attributes;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.WritableFile;
import io.lamina.fs.host.HostTree;
import java.io.Closeable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that do everything to one union: none waits for good, and nothing is lost or left. */
class UnionLockTest {
  private static final int THREADS = 6;
  private static final int NAMES = 6;
  private static final long VOLUME_BYTES = 256 << 20;
  private static final long FIRST_SEED = Long.getLong("lamina.firstSeed", 0);
  private static final long RUN_NANOS =
      TimeUnit.SECONDS.toNanos(Integer.getInteger("lamina.seeds", 2));
  private static final long POLL_MILLIS = 100;

  /** So long nobody gets on only when all wait for each other. */
  private static final long HANG_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final Owner OWNER = new Owner(0, 0);

  @TempDir(factory = InMemory.class)
  Path directory;

  private final AtomicLong lastOwner = new AtomicLong(1000);

  /** Where the branches are. */
  private record Place(FileTree tree, Node upper, List<Node> lowers, Node work) {
    static Place in(FileTree tree, Node root) throws IOException {
      return new Place(
          tree,
          root.create(Name.of("upper"), NewFile.directory(0755, OWNER)),
          List.of(
              root.create(Name.of("lower0"), NewFile.directory(0755, OWNER)),
              root.create(Name.of("lower1"), NewFile.directory(0755, OWNER))),
          root.create(Name.of("work"), NewFile.directory(0755, OWNER)));
    }

    UnionTree union(UnionRules rules) throws IOException {
      List<Branch> branches = new ArrayList<>();
      branches.add(new Branch(tree, upper, Branch.Mode.WRITABLE));
      for (Node lower : lowers) {
        branches.add(new Branch(tree, lower, Branch.Mode.READ_ONLY_WITH_WHITEOUTS));
      }
      return rules == UnionRules.AUFS
          ? UnionTree.of(branches, rules)
          : UnionTree.ofOverlay(branches, work, rules);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AUFS", "OVERLAY"})
  void onAVolumeOfAPool(UnionRules rules) throws Exception {
    Tools.require("mke2fs", "e2fsck");
    Path image =
        E2fsprogs.mke2fs(directory.resolve("volume.img"), VOLUME_BYTES / 1024 + "k", "-t ext4");
    ThinImages images = new ThinImages(directory, 2 * VOLUME_BYTES, VOLUME_BYTES);
    images.add(0, image);
    try (Ext4 volume = images.open(0)) {
      stress(Place.in(volume, volume.root()), rules);
    }
    images.close();
    images.check(0, image);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AUFS", "OVERLAY"})
  void onTheHost(String rules) throws Exception {
    Tools.requireRoot(); // owners are given
    Path home = Files.createTempDirectory("lamina-union");
    try (Closeable removal = () -> Tools.run(0, "", "rm", "-r", home.toString());
        HostTree tree = HostTree.open(home, true)) {
      assertThat(removal).isNotNull();
      stress(Place.in(tree, tree.root()), UnionRules.valueOf(rules));
    }
  }

  private void stress(Place place, UnionRules rules) throws Exception {
    fill(place.lowers().get(1), 3);
    fill(place.lowers().get(0), 2);
    SortedMap<String, String> seen;
    try (UnionTree union = place.union(rules)) {
      List<UnionStress> stresses = together(union);
      for (UnionStress stress : stresses) {
        stress.failure().ifPresent(e -> assertThat(e).as("thread").doesNotThrowAnyException());
        assertThat(stress.stepCount()).isPositive();
      }
      tell(union.root()); // all files are opened, so that they get all their names
      if (rules == UnionRules.AUFS) {
        requireLinksAreNames(union.root());
      }
      seen = tell(union.root());
    }
    requireNothingLeft(place, rules);
    try (UnionTree fresh = place.union(rules)) {
      assertThat(lines(tell(fresh.root()))).isEqualTo(lines(seen));
    }
  }

  /** Some names of each directory, hard links of its files, and directories in it. */
  private void fill(Node at, int depth) throws IOException {
    for (int i = depth % 2; i < NAMES; i += 2) {
      if (depth > 1 && i % 3 == 0) {
        fill(at.create(UnionStress.name(i), NewFile.directory(0755, OWNER)), depth - 1);
        continue;
      }
      long owner = lastOwner.incrementAndGet();
      Node file = at.create(UnionStress.name(i), NewFile.regular(0644, new Owner(owner, 0)));
      try (WritableFile opened = file.openForWriting()) {
        opened.write(0, UnionStress.words(owner, 700 * depth));
      }
      if (i + 1 < NAMES && depth < 3) {
        at.link(UnionStress.name(i + 1), file);
      }
    }
  }

  private List<UnionStress> together(UnionTree union) throws InterruptedException {
    List<UnionStress> stresses = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    long end = System.nanoTime() + RUN_NANOS;
    for (int i = 0; i < THREADS; i++) {
      UnionStress stress = new UnionStress(union, FIRST_SEED + i, lastOwner, end);
      Thread thread = new Thread(stress, "stress-" + i);
      thread.setDaemon(true);
      stresses.add(stress);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    watch(stresses, threads);
    return stresses;
  }

  /** Returns when all have ended; fails when some cannot. */
  private static void watch(List<UnionStress> stresses, List<Thread> threads)
      throws InterruptedException {
    ThreadMXBean bean = ManagementFactory.getThreadMXBean();
    long steps = -1;
    long lastProgress = System.nanoTime();
    while (threads.stream().anyMatch(Thread::isAlive)) {
      long now = stresses.stream().mapToLong(UnionStress::stepCount).sum();
      lastProgress = now != steps ? System.nanoTime() : lastProgress;
      steps = now;
      assertThat(bean.findDeadlockedThreads()).as(() -> dump(bean)).isNull();
      assertThat(System.nanoTime() - lastProgress).as(() -> dump(bean)).isLessThan(HANG_NANOS);
      for (Thread thread : threads) {
        thread.join(POLL_MILLIS / threads.size());
      }
    }
  }

  private static String dump(ThreadMXBean bean) {
    return Arrays.stream(bean.dumpAllThreads(true, true))
        .filter(thread -> thread.getThreadName().startsWith("stress"))
        .map(ThreadInfo::toString)
        .collect(Collectors.joining());
  }

  private static void requireNothingLeft(Place place, UnionRules rules) throws IOException {
    Node work =
        rules == UnionRules.AUFS
            ? place.upper().child(Whiteouts.ORPHANS)
            : place.work().child(Name.of("work"));
    assertThat(Upper.names(Objects.requireNonNull(work)))
        .as("left in the work directory")
        .isEmpty();
  }

  /** What a union shows, by path; inode numbers and counts of links do not outlive it. */
  private static SortedMap<String, String> tell(Node root) throws IOException {
    SortedMap<String, String> told = new TreeMap<>();
    tell("", root, told);
    return told;
  }

  private static void tell(String path, Node node, SortedMap<String, String> told)
      throws IOException {
    Attributes attributes = node.attributes();
    StringBuilder line = new StringBuilder(attributes.type().toString());
    line.append(' ').append(Integer.toOctalString(attributes.permissions()));
    line.append(' ').append(attributes.userId());
    for (Name xattr : node.xattrNames().stream().sorted().toList()) {
      line.append(' ').append(xattr).append('=').append(Arrays.hashCode(node.xattr(xattr)));
    }
    if (attributes.type() == FileType.REGULAR) {
      line.append(' ').append(attributes.size()).append(' ').append(contentHash(node));
    }
    told.put(path, line.toString());
    if (attributes.isDirectory()) {
      for (Name name : Upper.names(node)) {
        tell(path + "/" + name, Objects.requireNonNull(node.child(name), path + "/" + name), told);
      }
    }
  }

  private static int contentHash(Node node) throws IOException {
    try (OpenFile file = node.open()) {
      UnionStress.requireOwn(file, node.attributes().userId());
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      while (bytes.hasRemaining() && file.read(bytes.position(), bytes) > 0) {
        // until all of it was read
      }
      return bytes.flip().hashCode();
    }
  }

  private static String lines(SortedMap<String, String> told) {
    return told.entrySet().stream()
        .map(each -> each.getKey() + " " + each.getValue())
        .collect(Collectors.joining("\n"));
  }

  private static void requireLinksAreNames(Node root) throws IOException {
    Map<Node, List<String>> names = new HashMap<>();
    collect("", root, names);
    for (Map.Entry<Node, List<String>> file : names.entrySet()) {
      assertThat(file.getKey().attributes().linkCount())
          .as("links of " + file.getValue())
          .isEqualTo(file.getValue().size());
    }
  }

  private static void collect(String path, Node directory, Map<Node, List<String>> names)
      throws IOException {
    for (Name name : Upper.names(directory)) {
      Node child = Objects.requireNonNull(directory.child(name), path + "/" + name);
      if (child.attributes().isDirectory()) {
        collect(path + "/" + name, child, names);
      } else {
        names.computeIfAbsent(child, any -> new ArrayList<>()).add(path + "/" + name);
      }
    }
  }
}
