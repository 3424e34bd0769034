package io.lamina.ext4;

import io.lamina.fs.AllocationMode;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one of many threads does to the same few names of some volumes: whatever takes a lock, until
 * some moment. That a name is there, or is not, or is a directory, is nobody's fault.
 */
final class Ext4Stress implements Runnable {
  private static final Owner OWNER = new Owner(0, 0);
  private static final List<AllocationMode> ALLOCATIONS = List.of(AllocationMode.values());
  private static final List<RenameMode> RENAMES = List.of(RenameMode.values());
  private static final int MAX_BYTES = 200_000;
  private static final int MAX_DEPTH = 3;

  private final List<Ext4> volumes;
  private final long end;
  private final Random random;
  private final AtomicLong steps = new AtomicLong();
  private Optional<Throwable> failure = Optional.empty();

  /**
   * One thread's.
   *
   * @param end when to stop, by {@link System#nanoTime}
   */
  Ext4Stress(List<Ext4> volumes, long seed, long end) {
    this.volumes = volumes;
    this.random = new Random(seed);
    this.end = end;
  }

  /** For who has seen the thread end. */
  Optional<Throwable> failure() {
    return failure;
  }

  long stepCount() {
    return steps.get();
  }

  @Override
  public void run() {
    try {
      do {
        attempt();
        steps.incrementAndGet();
      } while (System.nanoTime() - end < 0);
    } catch (IOException | RuntimeException e) {
      failure = Optional.of(e);
    }
  }

  private void attempt() throws IOException {
    try {
      step(volumes.get(random.nextInt(volumes.size())));
    } catch (FsException e) {
      if (e.errno() == Errno.EIO || e.errno() == Errno.EROFS) {
        throw e;
      }
    }
  }

  private void step(Ext4 volume) throws IOException {
    Node directory = directory(volume);
    Name name = name();
    switch (random.nextInt(24)) {
      case 0, 1, 2 -> directory.create(name, NewFile.regular(0644, OWNER));
      case 3, 4 -> directory.create(name, NewFile.directory(0755, OWNER));
      case 5 -> directory.createSymlink(name, Name.ofLatin1("t".repeat(80)), OWNER);
      case 6 -> link(volume, directory, name);
      case 7, 8 -> directory.unlink(name);
      case 9 -> directory.removeDirectory(name);
      case 10, 11, 12, 13 -> rename(volume, directory, name);
      case 14 -> directory.list(0, (entry, inodeNr, type, next) -> true);
      case 15 -> volume.space();
      case 16 -> sync(volume, directory);
      case 17 -> directory.change(AttributeChange.NONE.withPermissions(0700 | random.nextInt(64)));
      case 18 -> xattr(directory.child(name));
      default -> content(directory.child(name));
    }
  }

  private void sync(Ext4 volume, Node directory) throws IOException {
    if (random.nextInt(4) == 0) {
      volume.sync();
    } else {
      directory.sync();
    }
  }

  private Node directory(Ext4 volume) throws IOException {
    Node at = volume.root();
    for (int depth = random.nextInt(MAX_DEPTH); depth > 0; depth--) {
      Node below = at.child(name());
      if (below == null || below.attributes().type() != FileType.DIRECTORY) {
        return at;
      }
      at = below;
    }
    return at;
  }

  private Name name() {
    return Name.ofLatin1("n" + random.nextInt(6));
  }

  private void link(Ext4 volume, Node directory, Name name) throws IOException {
    Node file = directory.child(name);
    if (file != null) {
      directory(volume).link(name(), file);
    }
  }

  private void rename(Ext4 volume, Node directory, Name name) throws IOException {
    RenameMode mode = RENAMES.get(random.nextInt(RENAMES.size()));
    directory.rename(name, directory(volume), name(), mode);
  }

  private void xattr(Node node) throws IOException {
    if (node == null || node.attributes().type() == FileType.SYMLINK) {
      return;
    }
    Name name = Name.ofLatin1("user." + random.nextInt(3));
    if (random.nextInt(3) == 0) {
      node.removeXattr(name);
    } else {
      node.setXattr(name, new byte[random.nextInt(600)], XattrMode.ANY);
    }
  }

  private void content(Node node) throws IOException {
    if (node == null || node.attributes().type() != FileType.REGULAR) {
      return;
    }
    int offset = random.nextInt(MAX_BYTES);
    int length = 1 + random.nextInt(MAX_BYTES);
    try (WritableFile file = node.openForWriting()) {
      switch (random.nextInt(8)) {
        case 0 -> file.truncate(offset);
        case 1 ->
            file.allocate(offset, length, ALLOCATIONS.get(random.nextInt(ALLOCATIONS.size())));
        case 2 -> file.sync(random.nextBoolean());
        case 3 -> file.read(offset, ByteBuffer.allocate(length));
        case 4 -> file.append(ByteBuffer.allocate(length / 16));
        default -> file.write(offset, ByteBuffer.allocate(length));
      }
    }
  }
}
