package io.lamina.layer.union;

import io.lamina.fs.AllocationMode;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one of many threads does to the same few names of a union, until some moment. That a name is
 * there, or is not, or is a directory, is nobody's fault.
 *
 * <p>Each file has an owner of its own, and nothing but that owner's number is written to it: so
 * whoever reads it sees whether he was given another file's bytes. What is open or held stays,
 * whatever becomes of its names.
 */
final class UnionStress implements Runnable {
  private static final List<RenameMode> RENAMES = List.of(RenameMode.values());
  private static final List<AllocationMode> ALLOCATIONS = List.of(AllocationMode.values());
  private static final int MAX_WORDS = 12_000;
  private static final int MAX_DEPTH = 3;
  private static final int NAMES = 6;
  private static final int MOST_OPEN = 4;

  private final UnionTree union;
  private final long end;
  private final Random random;
  private final AtomicLong lastOwner;
  private final AtomicLong steps = new AtomicLong();
  private final Deque<Opened> opened = new ArrayDeque<>();
  private final Deque<Held> held = new ArrayDeque<>();
  private Optional<Throwable> failure = Optional.empty();

  /** A file that is open. */
  private record Opened(WritableFile file, long owner) {}

  /** A file that is held. */
  private record Held(Node node, Node.Hold hold, long owner) {}

  /**
   * One thread's.
   *
   * @param lastOwner the last number that a file has got
   * @param end when to stop, by {@link System#nanoTime}
   */
  UnionStress(UnionTree union, long seed, AtomicLong lastOwner, long end) {
    this.union = union;
    this.random = new Random(seed);
    this.lastOwner = lastOwner;
    this.end = end;
  }

  static Name name(int number) {
    return Name.ofLatin1("n" + number);
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
      while (!opened.isEmpty()) {
        closeOne();
      }
      while (!held.isEmpty()) {
        held.pop().hold().close();
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      failure = Optional.of(e);
    }
  }

  private void attempt() throws IOException {
    if (random.nextInt(3) == 0) {
      useOpened();
      return;
    }
    try {
      step();
    } catch (FsException e) {
      if (e.errno() == Errno.EIO || e.errno() == Errno.EROFS) {
        throw e;
      }
    }
  }

  private void step() throws IOException {
    Node directory = directory();
    Name name = name();
    switch (random.nextInt(30)) {
      case 0, 1 -> directory.create(name, newFile());
      case 2, 3 -> directory.create(name, NewFile.directory(0755, new Owner(0, 0)));
      case 4 -> directory.createSymlink(name, Name.ofLatin1("t".repeat(80)), new Owner(0, 0));
      case 5 -> open(directory.createUnnamed(newFile()));
      case 6, 7 -> link(directory, name);
      case 8, 9, 10 -> directory.unlink(name);
      case 11, 12 -> directory.removeDirectory(name);
      case 13, 14, 15, 16 -> rename(directory, name);
      case 17 -> directory.list(0, (entry, inodeNr, type, next) -> random.nextInt(10) > 0);
      case 18 -> directory.change(AttributeChange.NONE.withPermissions(0700 | random.nextInt(64)));
      case 19, 20 -> xattr(directory.child(name));
      case 21 -> hold(directory.child(name));
      case 22 -> removeAll(directory, name);
      case 23 -> change(directory.child(name));
      case 24 -> sync(directory);
      default -> content(directory.child(name));
    }
  }

  private NewFile newFile() {
    return NewFile.regular(0644, new Owner(lastOwner.incrementAndGet(), 0));
  }

  private Name name() {
    return name(random.nextInt(NAMES));
  }

  private Node directory() throws IOException {
    Node at = union.root();
    for (int depth = random.nextInt(MAX_DEPTH); depth > 0; depth--) {
      Node below = at.child(name());
      if (below == null || below.attributes().type() != FileType.DIRECTORY) {
        return at;
      }
      at = below;
    }
    return at;
  }

  private void link(Node directory, Name name) throws IOException {
    Node file = directory.child(name);
    if (file != null) {
      directory().link(name(), file);
    }
  }

  private void rename(Node directory, Name name) throws IOException {
    RenameMode mode = RENAMES.get(random.nextInt(RENAMES.size()));
    directory.rename(name, directory(), name(), mode);
  }

  /** So that directories look empty through their whiteouts. */
  private void removeAll(Node directory, Name name) throws IOException {
    Node below = directory.child(name);
    if (below == null || below.attributes().type() != FileType.DIRECTORY) {
      return;
    }
    for (int i = 0; i < NAMES; i++) {
      Node each = below.child(name(i));
      if (each == null) {
        continue;
      }
      if (each.attributes().isDirectory()) {
        removeAll(below, name(i));
      } else {
        below.unlink(name(i));
      }
    }
    directory.removeDirectory(name);
  }

  private void xattr(Node node) throws IOException {
    if (node == null || node.attributes().type() == FileType.SYMLINK) {
      return;
    }
    Name name = Name.ofLatin1("user." + random.nextInt(3));
    switch (random.nextInt(3)) {
      case 0 -> node.removeXattr(name);
      case 1 -> node.xattrNames();
      default -> node.setXattr(name, new byte[random.nextInt(600)], XattrMode.ANY);
    }
  }

  private void change(Node node) throws IOException {
    if (node == null) {
      return;
    }
    FileType type = node.attributes().type();
    if (type == FileType.REGULAR && random.nextBoolean()) {
      node.change(AttributeChange.NONE.withSize(8L * random.nextInt(MAX_WORDS)));
    } else if (type != FileType.SYMLINK) {
      node.change(AttributeChange.NONE.withPermissions(0700 | random.nextInt(64)));
    }
  }

  private void sync(Node directory) throws IOException {
    if (random.nextInt(8) == 0) {
      union.sync();
    } else {
      directory.sync();
    }
  }

  private void content(Node node) throws IOException {
    if (node != null && node.attributes().type() == FileType.REGULAR) {
      open(node.openForWriting());
    }
  }

  private void open(WritableFile file) throws IOException {
    long owner;
    try {
      owner = file.node().attributes().userId();
    } catch (IOException e) {
      file.close();
      throw e;
    }
    opened.add(new Opened(file, owner));
    if (opened.size() > MOST_OPEN) {
      closeOne();
    }
  }

  private void closeOne() throws IOException {
    Opened oldest = opened.remove();
    requireOwn(oldest.file(), oldest.owner());
    oldest.file().close();
  }

  private void hold(Node node) throws IOException {
    if (node == null) {
      return;
    }
    Node.Hold hold = node.hold();
    held.add(new Held(node, hold, node.attributes().userId()));
    if (held.size() > MOST_OPEN) {
      held.remove().hold().close();
    }
  }

  /** What is open or held can be used, whatever others did to its names. */
  private void useOpened() throws IOException {
    for (Held each : held) {
      Attributes attributes = each.node().attributes();
      requireOwner(each.owner(), attributes.userId());
    }
    Opened file = opened.peekLast();
    if (file == null) {
      return;
    }
    long offset = 8L * random.nextInt(MAX_WORDS);
    int wordCount = 1 + random.nextInt(MAX_WORDS);
    switch (random.nextInt(9)) {
      case 0 -> file.file().truncate(offset);
      case 1 -> allocate(file.file(), offset, 8L * wordCount);
      case 2 -> file.file().sync(random.nextBoolean());
      case 3 -> file.file().append(words(file.owner(), wordCount / 16));
      case 4 -> requireOwn(file.file(), file.owner());
      case 5 -> requireOwner(file.owner(), file.file().node().attributes().userId());
      default -> file.file().write(offset, words(file.owner(), wordCount));
    }
    if (random.nextInt(4) == 0) {
      opened.add(opened.remove());
    }
  }

  /** Not every host's file system can all of it. */
  private void allocate(WritableFile file, long offset, long length) throws IOException {
    try {
      file.allocate(offset, length, ALLOCATIONS.get(random.nextInt(ALLOCATIONS.size())));
    } catch (FsException e) {
      if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.EINVAL) {
        throw e;
      }
    }
  }

  static ByteBuffer words(long owner, int count) {
    ByteBuffer words = ByteBuffer.allocate(8 * count);
    while (words.hasRemaining()) {
      words.putLong(owner);
    }
    return words.flip();
  }

  /** A file has nothing but zeroes and its owner's number. */
  static void requireOwn(OpenFile file, long owner) throws IOException {
    ByteBuffer words = ByteBuffer.allocate(8 << 10);
    long offset = 0;
    while (true) {
      words.clear();
      int count = file.read(offset, words);
      if (count <= 0) {
        return;
      }
      words.flip();
      while (words.remaining() >= 8) {
        long word = words.getLong();
        if (word != 0) {
          requireOwner(owner, word);
        }
      }
      offset += count - count % 8;
      if (count < 8) {
        return;
      }
    }
  }

  private static void requireOwner(long owner, long found) {
    if (owner != found) {
      throw new AssertionError("file of " + owner + " shows what is " + found + "'s");
    }
  }
}
