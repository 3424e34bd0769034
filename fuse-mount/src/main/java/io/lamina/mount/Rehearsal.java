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
import io.lamina.fuse.FuseMount;
import io.lamina.layer.union.Branch;
import io.lamina.layer.union.UnionRules;
import io.lamina.layer.union.UnionTree;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolFormat;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.WritablePool;
import io.lamina.volume.SparseImport;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
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

  /** How long nobody must have asked for anything: who has waited for the mount comes first. */
  private static final int QUIET_MILLIS = 100;

  private static final int ROUNDS = 3;

  private static final int METADATA_BYTES = 1 << 20;
  private static final int BLOCK_BYTES = 64 << 10;
  private static final int BLOCK_COUNT = 32;

  /**
   * The files, as {@code mkfs.ext4 -b 1024 -O ^resize_inode -J size=1 -N 32 -d} makes them of
   * {@code upper/} and {@code lower/below/file}.
   */
  private static final String IMAGE = "rehearsal.ext4.gz";

  private static final int IMAGE_BYTES = 3 << 20;

  private static final int IMAGE_ID = 0;
  private static final int SNAPSHOT_ID = 1;
  private static final Name SNAPSHOT = Name.of("snapshot");
  private static final Name LOWER = Name.of("lower");
  private static final Name UPPER = Name.of("upper");
  private static final Name BELOW = Name.of("below");
  private static final Name FILE = Name.of("file");

  private Rehearsal() {}

  /** Begins, in a thread of its own, as soon as nobody asks for anything. */
  public static void begin(Mount mount) {
    Thread rehearsing = new Thread(() -> begin(mount::requestCount), "rehearsal");
    rehearsing.setDaemon(true);
    rehearsing.start();
  }

  private static void begin(LongSupplier requestCount) {
    try {
      long before;
      do {
        before = requestCount.getAsLong();
        Thread.sleep(QUIET_MILLIS);
      } while (before != requestCount.getAsLong());
      run();
    } catch (IOException | RuntimeException e) {
      LOG.debug("rehearsal: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Goes through it. */
  static void run() throws IOException {
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
      use(pool);
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

  private static void use(WritablePool pool) throws IOException {
    StoreVolume snapshot =
        StoreVolume.container(pool, SNAPSHOT_ID, SNAPSHOT.toString(), WriteOptions.DEFAULT);
    try (PoolTree tree =
        new PoolTree(
            new ShownThinPool(pool, "rehearsal"), List.of(snapshot), PoolTrees.owner(), false)) {
      Node files = child(child(tree.root(), PoolTree.VOLUMES), SNAPSHOT);
      FileTree union = union(tree, files);
      FuseMount.rehearse(tree, List.of(PoolTree.VOLUMES, SNAPSHOT, LOWER, BELOW), FILE, ROUNDS);
      FuseMount.rehearse(union, List.of(BELOW), FILE, ROUNDS);
    }
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
