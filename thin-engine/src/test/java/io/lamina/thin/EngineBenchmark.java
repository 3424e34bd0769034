package io.lamina.thin;

import io.lamina.block.FileDevice;
import io.lamina.block.HolePuncher;
import io.lamina.block.WritableDevice;
import io.lamina.persist.BlockManager;
import io.lamina.source.PoolSource;
import io.lamina.thin.dump.PoolFacts;
import io.lamina.thin.restore.MetadataRestore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures the engine beside plain files, in one process and in turns: each line is the median of
 * several rounds after one that does not count. Run by {@code tools/bench/engine}.
 */
public final class EngineBenchmark {
  private static final int BLOCK_BYTES = 65536;
  private static final int MANY = 1_000_000;

  private final Path directory;
  private final int volumeBytes;
  private final int rounds;

  private EngineBenchmark(Path directory, int megabytes, int rounds) {
    this.directory = directory;
    this.volumeBytes = megabytes << 20;
    this.rounds = rounds;
  }

  /** Arguments: a directory to work in, MiB to write (0: metadata only), rounds. */
  public static void main(String[] args) throws Exception {
    EngineBenchmark benchmark =
        new EngineBenchmark(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    System.out.printf("%-46s %14s %14s %7s  %s%n", "", "engine", "plain", "ratio", "goal");
    if (benchmark.volumeBytes > 0) {
      benchmark.dataPaths();
    }
    benchmark.metadataPaths();
  }

  /** Something that is timed. */
  private interface Work {
    void run() throws IOException;
  }

  private static double seconds(Work work) throws IOException {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private void compare(String what, String goal, boolean asTime, Work engine, Work plain)
      throws IOException {
    double[] ours = new double[rounds];
    double[] theirs = new double[rounds];
    for (int i = -1; i < rounds; i++) {
      double first = seconds(engine);
      double second = seconds(plain);
      if (i >= 0) {
        ours[i] = first;
        theirs[i] = second;
      }
    }
    double ratio = asTime ? median(ours) / median(theirs) : median(theirs) / median(ours);
    line(
        what,
        String.format(Locale.ROOT, "%.1f ms", median(ours) * 1000),
        String.format(Locale.ROOT, "%.1f ms", median(theirs) * 1000),
        String.format(Locale.ROOT, "%.2f", ratio),
        goal);
  }

  private static void line(String what, String ours, String theirs, String ratio, String goal) {
    System.out.printf("%-46s %14s %14s %7s  %s%n", what, ours, theirs, ratio, goal);
  }

  private static void create(Path file, long bytes) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.setLength(bytes);
    }
  }

  private PoolSource pool(String name, long dataBytes) throws IOException {
    Path home = Files.createDirectories(directory.resolve(name));
    create(home.resolve("metadata"), 64L << 20);
    create(home.resolve("data"), dataBytes);
    try (FileDevice metadata =
        FileDevice.openWritable(home.resolve("metadata"), HolePuncher.NONE)) {
      PoolFormat.create(metadata, BLOCK_BYTES, dataBytes / BLOCK_BYTES);
    }
    return PoolSource.directory(home);
  }

  private void dataPaths() throws IOException {
    PoolSource source = pool("pool", 4L * volumeBytes);
    Path file = directory.resolve("plain");
    Path other = directory.resolve("copy");
    try (WritablePool pool = WritablePool.open(source, PoolOptions.DEFAULT, WriteOptions.DEFAULT);
        FileChannel plain = writable(file);
        FileChannel copy = writable(other)) {
      compare(
          "provisioning, 64 KiB, flush each 64 MiB",
          ">= 0.7",
          false,
          () -> {
            renew(pool, 1);
            write(volume(pool, 1), BLOCK_BYTES);
          },
          () -> {
            plain.truncate(0);
            write(plain, BLOCK_BYTES);
          });
      for (int bytes : new int[] {BLOCK_BYTES, 1 << 20}) {
        compare(
            "sequential overwrite, " + (bytes >> 10) + " KiB",
            ">= 0.9",
            false,
            () -> write(volume(pool, 1), bytes),
            () -> write(plain, bytes));
        compare(
            "sequential read, " + (bytes >> 10) + " KiB",
            ">= 0.9",
            false,
            () -> read(volume(pool, 1), bytes),
            () -> read(plain, bytes));
      }
      compare(
          "random read, 4 KiB, time",
          "<= 1.5",
          true,
          () -> randomReads(volume(pool, 1)),
          () -> randomReads(plain));
      compare(
          "breaking sharing, 4 KiB in each block",
          ">= 0.8",
          false,
          () -> breakSharing(pool),
          () -> copyByHand(plain, copy));
    }
  }

  private static FileChannel writable(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private WritableVolume volume(WritablePool pool, int id) throws IOException {
    return pool.volume(id).withSize(volumeBytes);
  }

  private static void renew(WritablePool pool, int id) throws IOException {
    if (pool.volumeIds().contains(id)) {
      pool.delete(id);
      pool.commit();
    }
    pool.createThin(id);
  }

  private static ByteBuffer filled(int bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
    while (buffer.hasRemaining()) {
      buffer.put((byte) 0x5a);
    }
    return buffer.flip();
  }

  private void write(WritableDevice volume, int bytes) throws IOException {
    ByteBuffer buffer = filled(bytes);
    for (long at = 0; at < volumeBytes; at += bytes) {
      volume.write(at, buffer.rewind());
      if ((at + bytes) % (64 << 20) == 0) {
        volume.flush();
      }
    }
    volume.flush();
  }

  private void write(FileChannel file, int bytes) throws IOException {
    ByteBuffer buffer = filled(bytes);
    for (long at = 0; at < volumeBytes; at += bytes) {
      int unused = file.write(buffer.rewind(), at);
      if ((at + bytes) % (64 << 20) == 0) {
        file.force(false);
      }
    }
    file.force(false);
  }

  private void read(WritableDevice volume, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
    for (long at = 0; at < volumeBytes; at += bytes) {
      volume.read(at, buffer.clear());
    }
  }

  private void read(FileChannel file, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
    for (long at = 0; at < volumeBytes; at += bytes) {
      int unused = file.read(buffer.clear(), at);
    }
  }

  private void randomReads(WritableDevice volume) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
    Random random = new Random(1);
    for (int i = 0; i < 200_000; i++) {
      volume.read(random.nextInt(volumeBytes / 4096) * 4096L, buffer.clear());
    }
  }

  private void randomReads(FileChannel file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
    Random random = new Random(1);
    for (int i = 0; i < 200_000; i++) {
      int unused = file.read(buffer.clear(), random.nextInt(volumeBytes / 4096) * 4096L);
    }
  }

  private void breakSharing(WritablePool pool) throws IOException {
    renewSnapshot(pool);
    WritableVolume volume = volume(pool, 2);
    ByteBuffer page = filled(4096);
    for (long at = 0; at < volumeBytes; at += BLOCK_BYTES) {
      volume.write(at + 8192, page.rewind());
    }
    volume.flush();
  }

  private static void renewSnapshot(WritablePool pool) throws IOException {
    if (pool.volumeIds().contains(2)) {
      pool.delete(2);
      pool.commit();
    }
    pool.createSnapshot(2, 1);
  }

  private void copyByHand(FileChannel from, FileChannel to) throws IOException {
    to.truncate(0);
    ByteBuffer page = filled(4096);
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
    for (long at = 0; at < volumeBytes; at += BLOCK_BYTES) {
      int unusedRead = from.read(block.clear(), at);
      block.put(8192, page, 0, 4096);
      int unusedWritten = to.write(block.rewind(), at);
    }
    to.force(false);
  }

  private void metadataPaths() throws Exception {
    Path large = restore("large", 10 * MANY, 1);
    double[] opening = new double[rounds];
    for (int i = -1; i < rounds; i++) {
      double time =
          seconds(
              () -> {
                try (WritablePool pool = open(large, 10L * MANY)) {
                  pool.status();
                }
              });
      if (i >= 0) {
        opening[i] = time;
      }
    }
    line("open a pool of 10M mappings", millis(median(opening)), "", "", "< 500 ms");
    Files.delete(large);
    mapOneByOne();
    Path many = restore("many", MANY, rounds + 1);
    try (WritablePool pool = open(many, 4L * MANY)) {
      snapshots(pool);
      deletion(pool);
    }
  }

  private static String millis(double seconds) {
    return String.format(Locale.ROOT, "%.2f ms", seconds * 1000);
  }

  /** Metadata of a volume of so many mappings (ids 1 and on), no two of them neighbours. */
  private Path restore(String name, int mappings, int volumes) throws IOException {
    Path file = directory.resolve(name);
    create(file, 512L << 20);
    long dataBlocks = 4L * MANY < mappings ? mappings : 4L * MANY;
    try (FileChannel channel = writable(file)) {
      MetadataRestore out =
          new MetadataRestore(channel, name, (512L << 20) / BlockManager.BLOCK_BYTES);
      out.pool(new PoolFacts(1, 1, 0, BLOCK_BYTES / 512, dataBlocks));
      for (int id = 1; id <= (mappings == MANY ? 2 : volumes); id++) {
        int count = id == 2 ? 10 : mappings;
        out.device(id, new DeviceDetails(count, 0, 0, 1));
        for (int i = 0; i < count; i++) {
          out.mapping(i, (id - 1L) * MANY + (mappings - 1 - i), 0);
        }
        out.endDevice();
      }
      out.endPool();
    }
    return file;
  }

  private static WritablePool open(Path metadata, long dataBlocks) throws IOException {
    return WritablePool.open(
        PoolSource.files(metadata, metadata.resolveSibling("none")),
        FileDevice.openWritable(metadata, HolePuncher.NONE),
        new NoDataDevice(Math.max(dataBlocks, 10L * MANY) * BLOCK_BYTES),
        PoolOptions.DEFAULT,
        WriteOptions.DEFAULT);
  }

  private void mapOneByOne() throws IOException {
    Path file = directory.resolve("one");
    create(file, 64L << 20);
    try (FileDevice metadata = FileDevice.openWritable(file, HolePuncher.NONE)) {
      PoolFormat.create(metadata, BLOCK_BYTES, 2L * MANY);
    }
    try (WritablePool pool = open(file, 2L * MANY)) {
      pool.createThin(1);
      WritableVolume volume = pool.volume(1).withSize((long) MANY * BLOCK_BYTES);
      ByteBuffer block = filled(BLOCK_BYTES);
      double time =
          seconds(
              () -> {
                for (long i = 0; i < MANY; i++) {
                  volume.write(i * BLOCK_BYTES, block.rewind());
                }
                volume.flush();
              });
      line("map 1M blocks one by one, each", micros(time / MANY), "", "", "");
      line(
          "unmap 1M blocks with one discard, each",
          micros(
              seconds(
                      () -> {
                        volume.discard(0, volume.size());
                        volume.flush();
                      })
                  / MANY),
          "",
          "",
          "");
    }
  }

  private static String micros(double seconds) {
    return String.format(Locale.ROOT, "%.2f us", seconds * 1e6);
  }

  private void snapshots(WritablePool pool) throws IOException {
    for (int origin : new int[] {2, 1}) {
      double[] times = new double[rounds];
      for (int i = -1; i < rounds; i++) {
        int id = 100 * origin + i + 1;
        double time = seconds(() -> pool.createSnapshot(id, origin));
        pool.commit();
        if (i >= 0) {
          times[i] = time;
        }
      }
      line(
          "snapshot of " + (origin == 1 ? "1M mappings" : "10 mappings"),
          millis(median(times)),
          "",
          "",
          "< 5 ms");
    }
  }

  /**
   * Deletes a volume of a million mappings that nobody shares, while another is written to, again
   * and again after a moment's rest: at full speed, writes would wait for their own garbage.
   */
  private void deletion(WritablePool pool) throws Exception {
    for (int i = 0; i <= rounds; i++) {
      pool.delete(100 + i);
    }
    pool.commit();
    WritableVolume volume = pool.volume(2).withSize((long) MANY * BLOCK_BYTES);
    ByteBuffer block = filled(BLOCK_BYTES);
    Random random = new Random(1);
    Longest writes =
        new Longest(() -> volume.write(random.nextInt(MANY) * (long) BLOCK_BYTES, block.rewind()));
    Longest pauses = new Longest(() -> LockSupport.parkNanos(1_000_000));
    System.gc(); // what was measured before leaves no garbage to this
    writes.start();
    pauses.start();
    Thread.sleep(2000);
    double before = writes.take();
    double unused = pauses.take();
    double time = seconds(() -> pool.delete(1));
    double during = writes.take();
    double pause = pauses.take();
    writes.end();
    pauses.end();
    line("delete 1M mappings", millis(time), "", "", "");
    line("  longest write meanwhile", millis(during), "", "", "< 20 ms");
    line("  longest write before it", millis(before), "", "", "");
    line("  longest pause of 1 ms meanwhile", millis(pause), "", "", "");
  }

  /** Does something again and again; the longest time that it took. */
  private static final class Longest extends Thread {
    private final Work work;
    private final AtomicLong longestNanos = new AtomicLong();
    private volatile boolean isOver;

    Longest(Work work) {
      this.work = work;
    }

    @Override
    public void run() {
      try {
        while (!isOver) {
          long start = System.nanoTime();
          work.run();
          longestNanos.accumulateAndGet(System.nanoTime() - start, Math::max);
          LockSupport.parkNanos(200_000);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** In seconds, since it was last asked. */
    double take() {
      return longestNanos.getAndSet(0) / 1e9;
    }

    void end() throws InterruptedException {
      isOver = true;
      join();
    }
  }
}
