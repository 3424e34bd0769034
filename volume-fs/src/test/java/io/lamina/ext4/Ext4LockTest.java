package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that take all locks of two volumes of one pool never wait for each other for good. */
class Ext4LockTest {
  private static final int THREADS = 6;
  private static final int VOLUMES = 2;
  private static final long VOLUME_BYTES = 64 << 20;
  private static final long RUN_NANOS =
      TimeUnit.SECONDS.toNanos(Integer.getInteger("lamina.seeds", 2));
  private static final long POLL_MILLIS = 100;

  /** So long nobody gets on only when all wait for each other. */
  private static final long HANG_NANOS = TimeUnit.SECONDS.toNanos(60);

  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest(name = "mke2fs {0}")
  @ValueSource(strings = {"-t ext4", "-t ext4 -O ^has_journal,^extent,^64bit -b 1024"})
  void allOperationsTogetherComeToAnEnd(String options) throws Exception {
    Tools.require("mke2fs", "e2fsck");
    Path image =
        E2fsprogs.mke2fs(directory.resolve("volume.img"), VOLUME_BYTES / 1024 + "k", options);
    ThinImages images = new ThinImages(directory, 3 * VOLUME_BYTES, VOLUME_BYTES);
    List<Ext4> volumes = new ArrayList<>();
    for (int id = 0; id < VOLUMES; id++) {
      images.add(id, image);
      volumes.add(images.open(id));
    }
    List<Ext4Stress> stresses = together(volumes);
    for (Ext4Stress stress : stresses) {
      stress.failure().ifPresent(e -> assertThat(e).as("thread").doesNotThrowAnyException());
      assertThat(stress.stepCount()).isPositive();
    }
    for (Ext4 volume : volumes) {
      requireLinksAreNames(volume.root());
      volume.close();
    }
    images.close();
    for (int id = 0; id < VOLUMES; id++) {
      images.check(id, image);
    }
  }

  private static List<Ext4Stress> together(List<Ext4> volumes) throws InterruptedException {
    List<Ext4Stress> stresses = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    long end = System.nanoTime() + RUN_NANOS;
    for (int i = 0; i < THREADS; i++) {
      Ext4Stress stress = new Ext4Stress(volumes, i, end);
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
  private static void watch(List<Ext4Stress> stresses, List<Thread> threads)
      throws InterruptedException {
    ThreadMXBean bean = ManagementFactory.getThreadMXBean();
    long steps = -1;
    long lastProgress = System.nanoTime();
    while (threads.stream().anyMatch(Thread::isAlive)) {
      long now = stresses.stream().mapToLong(Ext4Stress::stepCount).sum();
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

  /** A directory's names in it, and what they are of. */
  private static void requireLinksAreNames(Node root) throws IOException {
    Map<Long, Integer> names = new HashMap<>();
    Map<Long, Node> files = new HashMap<>();
    count(root, names, files);
    for (Map.Entry<Long, Node> file : files.entrySet()) {
      assertThat(file.getValue().attributes().linkCount())
          .as("links of inode " + file.getKey())
          .isEqualTo(names.get(file.getKey()));
    }
  }

  private static void count(Node directory, Map<Long, Integer> names, Map<Long, Node> files)
      throws IOException {
    long self = directory.attributes().inodeNr();
    files.put(self, directory);
    names.merge(self, 2, Integer::sum); // its own, and the dot in it
    for (Name name : Trees.names(directory)) {
      Node child = directory.child(name);
      if (child == null || name.equals(Name.of(".")) || name.equals(Name.of(".."))) {
        continue;
      }
      if (child.attributes().type() == FileType.DIRECTORY) {
        names.merge(self, 1, Integer::sum); // the dots in the child
        count(child, names, files);
      } else {
        files.put(child.attributes().inodeNr(), child);
        names.merge(child.attributes().inodeNr(), 1, Integer::sum);
      }
    }
  }
}
