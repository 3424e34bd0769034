package io.lamina.mount;

import io.lamina.block.MemoryDevice;
import io.lamina.ext4.WriteOptions;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.SubTree;
import io.lamina.fs.host.Libc;
import io.lamina.fuse.protocol.RehearsedKernel;
import io.lamina.layer.union.Branch;
import io.lamina.layer.union.UnionRules;
import io.lamina.layer.union.UnionTree;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolFormat;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.WritablePool;
import io.lamina.threads.DaemonThreads;
import io.lamina.volume.SparseImport;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through what a mount does before somebody waits for it: the first of everything is slow,
 * until the JVM has linked the code and begun to compile it. The files that are changed lie in a
 * snapshot of a pool in memory, of which nothing is left.
 */
public final class Rehearsal {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

  /** How long nobody must have asked for anything: who uses the mount comes first. */
  private static final int QUIET_MILLIS = 100;

  /** A change of one byte, twice in each round: the wait for it is the shortest of all. */
  private static final int CHANGE_ROUNDS = 30;

  /** Twice as many files, with {@link #FILE_COUNT} in each round. */
  private static final int UNPACK_ROUNDS = 25;

  private static final int FILE_COUNT = 40;
  private static final int LIST_ROUNDS = 5;
  private static final int LISTED_COUNT = 200;
  private static final int LIST_TIMES = 5;

  private static final int METADATA_BYTES = 1 << 20;
  private static final int BLOCK_BYTES = 64 << 10;
  private static final int BLOCK_COUNT = 96;

  /**
   * The files, as {@code mkfs.ext4 -b 1024 -O ^resize_inode -J size=1 -N 256 -m 0 -d} makes them of
   * {@code upper/} and {@code lower/below/file}.
   */
  private static final String IMAGE = "rehearsal.ext4.gz";

  private static final int IMAGE_BYTES = 4 << 20;

  private static final int IMAGE_ID = 0;
  private static final int SNAPSHOT_ID = 1;
  private static final Name SNAPSHOT = Name.of("snapshot");
  private static final Name LOWER = Name.of("lower");
  private static final Name UPPER = Name.of("upper");
  private static final Name BELOW = Name.of("below");
  private static final Name FILE = Name.of("file");

  private Rehearsal() {}

  /**
   * Begins, in a thread of its own, as soon as nobody asks for anything.
   *
   * @param isBusy whether something else is done for somebody
   */
  public static void begin(Mount mount, BooleanSupplier isBusy) {
    Quiet quiet = new Quiet(mount::requestCount, isBusy);
    DaemonThreads.thread("rehearsal", () -> begin(quiet)).start();
  }

  private static void begin(Quiet quiet) {
    try {
      run(quiet::await);
    } catch (IOException | RuntimeException e) {
      LOG.debug("rehearsal: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What is waited for before each step. */
  @FunctionalInterface
  interface Turn {
    void await() throws InterruptedException;
  }

  /** That nobody asks for anything. */
  private static final class Quiet {
    private final LongSupplier requestCount;
    private final BooleanSupplier isBusy;
    private long seen = -1;

    Quiet(LongSupplier requestCount, BooleanSupplier isBusy) {
      this.requestCount = requestCount;
      this.isBusy = isBusy;
    }

    void await() throws InterruptedException {
      long now = requestCount.getAsLong();
      while (now != seen || isBusy.getAsBoolean()) {
        seen = now;
        Thread.sleep(QUIET_MILLIS);
        now = requestCount.getAsLong();
      }
    }
  }

  /** Goes through it. */
  static void run(Turn turn) throws IOException, InterruptedException {
    turn.await();
    boolean unused = Libc.get().isRoot(); // what gives space back to the host needs it
    PoolSource nowhere = PoolSource.files(Path.of("metadata"), Path.of("data"));
    MemoryDevice metadata = new MemoryDevice(new byte[METADATA_BYTES], "rehearsed metadata");
    MemoryDevice data = new MemoryDevice(new byte[BLOCK_COUNT * BLOCK_BYTES], "rehearsed data");
    PoolFormat.create(metadata, BLOCK_BYTES, BLOCK_COUNT);
    try (WritablePool pool =
        WritablePool.open(
            nowhere, metadata, data, PoolOptions.DEFAULT, io.lamina.thin.WriteOptions.DEFAULT)) {
      pool.createThin(IMAGE_ID);
      importImage(pool);
      pool.createSnapshot(SNAPSHOT_ID, IMAGE_ID);
      use(pool, turn);
    }
  }

  private static void importImage(WritablePool pool) throws IOException {
    try (InputStream packed = Rehearsal.class.getResourceAsStream(IMAGE)) {
      if (packed == null) {
        throw new FileNotFoundException(IMAGE);
      }
      new SparseImport(pool.volume(IMAGE_ID).withSize(IMAGE_BYTES), BLOCK_BYTES, copied -> {})
          .stream(new GZIPInputStream(packed));
    }
  }

  private static void use(WritablePool pool, Turn turn) throws IOException, InterruptedException {
    StoreVolume snapshot =
        StoreVolume.container(pool, SNAPSHOT_ID, SNAPSHOT.toString(), WriteOptions.DEFAULT);
    try (PoolTree tree =
        new PoolTree(
            new ShownThinPool(pool, "rehearsal"), List.of(snapshot), PoolTrees.owner(), false)) {
      List<Name> below = List.of(PoolTree.VOLUMES, SNAPSHOT, LOWER, BELOW);
      try (FileTree union = union(tree, child(child(tree.root(), PoolTree.VOLUMES), SNAPSHOT));
          RehearsedKernel inVolume = RehearsedKernel.in(tree, below);
          RehearsedKernel inUnion = RehearsedKernel.in(union, List.of(BELOW))) {
        use(List.of(inVolume, inUnion), turn);
      }
    }
  }

  private static void use(List<RehearsedKernel> kernels, Turn turn)
      throws IOException, InterruptedException {
    repeat(CHANGE_ROUNDS, kernels, turn, kernel -> kernel.change(FILE));
    repeat(UNPACK_ROUNDS, kernels, turn, kernel -> kernel.unpack(FILE_COUNT));
    repeat(LIST_ROUNDS, kernels, turn, kernel -> kernel.list(LISTED_COUNT, LIST_TIMES));
  }

  private static void repeat(int rounds, List<RehearsedKernel> kernels, Turn turn, Part part)
      throws IOException, InterruptedException {
    for (int round = 0; round < rounds; round++) {
      for (RehearsedKernel kernel : kernels) {
        part.play(kernel);
        turn.await();
      }
    }
  }

  /** What one kernel asks in a round. */
  @FunctionalInterface
  private interface Part {
    void play(RehearsedKernel kernel) throws IOException;
  }

  private static FileTree union(FileTree tree, Node files) throws IOException {
    return UnionTree.of(
        List.of(
            Branch.upper(new SubTree(tree, child(files, UPPER))),
            Branch.lower(new SubTree(tree, child(files, LOWER)))),
        UnionRules.AUFS);
  }

  private static Node child(Node directory, Name name) throws IOException {
    Node found = directory.child(name);
    if (found == null) {
      throw new FsException(Errno.ENOENT, name.toString());
    }
    return found;
  }
}
