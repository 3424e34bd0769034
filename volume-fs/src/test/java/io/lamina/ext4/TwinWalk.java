package io.lamina.ext4;

import io.lamina.fs.AllocationMode;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.Timestamp;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * The same random operations in two directories: one of a volume, one of the host. What the host
 * says is right.
 */
final class TwinWalk implements Closeable {
  private static final List<AllocationMode> ALLOCATIONS = List.of(AllocationMode.values());
  private static final List<RenameMode> RENAMES = List.of(RenameMode.values());
  private static final List<XattrMode> XATTR_MODES = List.of(XattrMode.values());
  private static final List<FileType> SPECIAL =
      List.of(FileType.FIFO, FileType.SOCKET, FileType.CHARACTER_DEVICE, FileType.BLOCK_DEVICE);
  private static final List<Name> ACCESS_LISTS =
      List.of(Name.of("system.posix_acl_access"), Name.of("system.posix_acl_default"));
  private static final int MAX_OPEN = 4;
  private static final int MAX_DEPTH = 4;

  /** What the two volumes' features leave out. */
  record Limits(boolean hasNanos, boolean hasExtents, int maxFileBytes) {}

  /** A place in both trees; null where there is nothing. */
  private record Twin(Node volume, Node host) {
    Twin child(Name name) throws IOException {
      Node mine = volume.child(name);
      Node theirs = host.child(name);
      if ((mine == null) != (theirs == null)) {
        throw new AssertionError(name + " is " + mine + " here, " + theirs + " on the host");
      }
      return mine == null ? null : new Twin(mine, theirs);
    }

    FileType type() throws IOException {
      return host.attributes().type();
    }
  }

  private record OpenTwin(WritableFile volume, WritableFile host) {}

  /** One operation on one of the two. */
  @FunctionalInterface
  private interface Operation<T> {
    void on(T target) throws IOException;
  }

  private final Random random;
  private final Limits limits;
  private final Twin root;
  private final List<OpenTwin> open = new ArrayList<>();
  private final List<String> history = new ArrayList<>();

  TwinWalk(Node volume, Node host, long seed, Limits limits) {
    this.root = new Twin(volume, host);
    this.random = new Random(seed);
    this.limits = limits;
  }

  /** The last operations, for whoever wonders. */
  List<String> history() {
    return history.subList(Math.max(0, history.size() - 12), history.size());
  }

  void step() throws IOException {
    switch (random.nextInt(21)) {
      case 0, 1, 2 -> create();
      case 3 -> makeDirectory();
      case 4 -> symlink();
      case 5 -> link();
      case 6, 7 -> unlink();
      case 8 -> removeDirectory();
      case 9, 10 -> rename();
      case 11 -> change();
      case 12 -> xattr();
      case 13 -> openOne();
      case 14 -> accessList();
      default -> content();
    }
  }

  private void both(String what, Twin twin, Operation<Node> operation) throws IOException {
    agree(what, () -> operation.on(twin.volume), () -> operation.on(twin.host));
  }

  /** Does something on both. */
  private interface Call {
    void run() throws IOException;
  }

  private void agree(String what, Call mine, Call theirs) throws IOException {
    history.add(what);
    String right = outcome(theirs);
    String seen = outcome(mine);
    if (!right.equals(seen)) {
      throw new AssertionError(what + ": " + seen + " here, " + right + " on the host");
    }
  }

  private static String outcome(Call call) throws IOException {
    try {
      call.run();
      return "done";
    } catch (FsException e) {
      return e.errno().name().replace("EEXIST", "ENOTEMPTY"); // either may be said
    }
  }

  /** Where several things are wrong, it does not matter which one is told. */
  private static void refused(Call call) throws IOException {
    try {
      call.run();
    } catch (FsException e) {
      boolean isHarmless = e.errno() != Errno.EROFS && e.errno() != Errno.EIO;
      throw isHarmless ? new FsException(Errno.EINVAL, "refused") : e;
    }
  }

  private Twin directory() throws IOException {
    Twin at = root;
    for (int depth = random.nextInt(MAX_DEPTH); depth > 0; depth--) {
      Twin below = at.child(Name.ofLatin1("d" + random.nextInt(3)));
      if (below == null || below.type() != FileType.DIRECTORY) {
        return at;
      }
      at = below;
    }
    return at;
  }

  private Name name() {
    int nr = random.nextInt(12);
    return Name.ofLatin1(nr < 3 ? "d" + nr : nr == 11 ? "x".repeat(20) + nr : "f" + nr);
  }

  private Owner owner() {
    return new Owner(random.nextInt(3) * 70_000L, random.nextInt(3) * 1000L);
  }

  private void create() throws IOException {
    Twin directory = directory();
    Name name = name();
    FileType type = random.nextInt(8) == 0 ? special() : FileType.REGULAR;
    boolean isDevice = type == FileType.CHARACTER_DEVICE || type == FileType.BLOCK_DEVICE;
    int minor = isDevice ? random.nextInt(70_000) : 0;
    NewFile file =
        new NewFile(
            type,
            random.nextInt(01000),
            random.nextInt(0100),
            owner(),
            isDevice ? random.nextInt(300) : 0,
            minor);
    both("create " + name, directory, node -> node.create(name, file));
  }

  private FileType special() {
    return SPECIAL.get(random.nextInt(SPECIAL.size()));
  }

  private void makeDirectory() throws IOException {
    Twin directory = directory();
    Name name = Name.ofLatin1("d" + random.nextInt(3));
    NewFile file = new NewFile(FileType.DIRECTORY, random.nextInt(01000), 0, owner(), 0, 0);
    both("mkdir " + name, directory, node -> node.create(name, file));
  }

  private void symlink() throws IOException {
    Twin directory = directory();
    Name name = name();
    Name target = Name.ofLatin1("t".repeat(1 + random.nextInt(random.nextBoolean() ? 70 : 1000)));
    Owner owner = owner();
    both("symlink " + name, directory, node -> node.createSymlink(name, target, owner));
  }

  private void link() throws IOException {
    Twin from = directory();
    Twin to = directory();
    Twin file = from.child(name());
    Name name = name();
    if (file != null) {
      agree(
          "link " + name,
          () -> to.volume.link(name, file.volume),
          () -> to.host.link(name, file.host));
    }
  }

  private void unlink() throws IOException {
    Name name = name();
    both("unlink " + name, directory(), node -> node.unlink(name));
  }

  private void removeDirectory() throws IOException {
    Name name = name();
    both("rmdir " + name, directory(), node -> node.removeDirectory(name));
  }

  private void rename() throws IOException {
    Twin from = directory();
    Twin to = directory();
    Name name = name();
    Name newName = name();
    RenameMode mode = RENAMES.get(random.nextInt(RENAMES.size()));
    agree(
        "rename " + name + " to " + newName + " " + mode,
        () -> refused(() -> from.volume.rename(name, to.volume, newName, mode)),
        () -> refused(() -> from.host.rename(name, to.host, newName, mode)));
  }

  private void change() throws IOException {
    Twin twin = directory().child(name());
    if (twin == null) {
      return;
    }
    AttributeChange change = AttributeChange.NONE;
    if (random.nextBoolean()) {
      change = change.withOwner(owner());
    }
    if (random.nextBoolean() && twin.type() != FileType.SYMLINK) {
      boolean isDirectory = twin.type() == FileType.DIRECTORY; // others lose the bit when written
      change = change.withPermissions(random.nextInt(01000) | (isDirectory ? 02000 : 0));
    }
    if (random.nextBoolean()) {
      change = change.withTimes(time(), random.nextBoolean() ? time() : null);
    }
    AttributeChange all = change;
    both("change " + change, twin, node -> node.change(all));
  }

  private Timestamp time() {
    return new Timestamp(
        random.nextInt(900_000_000), limits.hasNanos ? random.nextInt(1_000_000_000) : 0);
  }

  private void xattr() throws IOException {
    Twin twin = directory().child(name());
    if (twin == null || (twin.type() != FileType.REGULAR && twin.type() != FileType.DIRECTORY)) {
      return;
    }
    Name name = Name.ofLatin1("user." + "n".repeat(1 + random.nextInt(4)));
    if (random.nextInt(3) == 0) {
      both("removexattr " + name, twin, node -> node.removeXattr(name));
      return;
    }
    byte[] value = bytes(random.nextInt(random.nextBoolean() ? 30 : 150));
    XattrMode mode = XATTR_MODES.get(random.nextInt(XATTR_MODES.size()));
    both("setxattr " + name + " " + value.length, twin, node -> node.setXattr(name, value, mode));
  }

  private void accessList() throws IOException {
    Twin twin = directory().child(name());
    if (twin == null || twin.type() == FileType.SYMLINK) {
      return;
    }
    Name name = ACCESS_LISTS.get(random.nextInt(ACCESS_LISTS.size()));
    if (random.nextInt(4) == 0) {
      both("remove " + name, twin, node -> node.removeXattr(name));
      return;
    }
    byte[] list = randomList();
    both(
        "set " + name + " " + HexFormat.of().formatHex(list),
        twin,
        node -> node.setXattr(name, list, XattrMode.ANY));
  }

  /** Seldom one without a mask, which it needs where it names somebody. */
  private byte[] randomList() {
    boolean namesUser = random.nextBoolean();
    boolean namesGroup = random.nextBoolean();
    ByteBuffer list = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
    putEntry(list, 0x01, -1); // the tags are those of linux/posix_acl.h
    if (namesUser) {
      putEntry(list, 0x02, random.nextInt(3) * 70_000);
    }
    putEntry(list, 0x04, -1);
    if (namesGroup) {
      putEntry(list, 0x08, random.nextInt(3) * 1000);
    }
    if ((namesUser || namesGroup) == (random.nextInt(8) != 0)) {
      putEntry(list, 0x10, -1);
    }
    putEntry(list, 0x20, -1);
    return Arrays.copyOf(list.array(), list.position());
  }

  private void putEntry(ByteBuffer list, int tag, int id) {
    list.putShort((short) tag).putShort((short) random.nextInt(8)).putInt(id);
  }

  private void openOne() throws IOException {
    if (open.size() == MAX_OPEN) {
      OpenTwin closed = open.remove(random.nextInt(MAX_OPEN));
      history.add("close");
      closed.volume.close();
      closed.host.close();
      return;
    }
    Twin twin = directory().child(name());
    if (twin != null && twin.type() == FileType.REGULAR) {
      history.add("open");
      open.add(new OpenTwin(twin.volume.openForWriting(), twin.host.openForWriting()));
    }
  }

  private void content() throws IOException {
    if (!open.isEmpty() && random.nextBoolean()) {
      content(open.get(random.nextInt(open.size())));
      return;
    }
    Twin twin = directory().child(name());
    if (twin != null && twin.type() == FileType.REGULAR) {
      try (WritableFile mine = twin.volume.openForWriting();
          WritableFile theirs = twin.host.openForWriting()) {
        content(new OpenTwin(mine, theirs));
      }
    }
  }

  private void content(OpenTwin twin) throws IOException {
    int offset = random.nextInt(2 << random.nextInt(18));
    int length = 1 + random.nextInt(1 << random.nextInt(17));
    switch (random.nextInt(8)) {
      case 0 -> twin("truncate " + offset, twin, file -> file.truncate(offset));
      case 1 -> {
        AllocationMode mode =
            limits.hasExtents
                ? ALLOCATIONS.get(random.nextInt(ALLOCATIONS.size()))
                : AllocationMode.PUNCH_HOLE;
        String what = mode + " " + length + " at " + offset;
        twin(what, twin, file -> file.allocate(offset, length, mode));
      }
      case 2 -> twin("fsync", twin, file -> file.sync(length % 2 == 0));
      case 3 -> {
        if (twin.host.size() < limits.maxFileBytes) {
          byte[] bytes = bytes(length);
          twin("append " + length, twin, file -> file.append(ByteBuffer.wrap(bytes)));
        }
      }
      default -> {
        byte[] bytes = bytes(length);
        twin(
            "write " + length + " at " + offset,
            twin,
            file -> file.write(offset, ByteBuffer.wrap(bytes)));
      }
    }
    if (twin.volume.size() != twin.host.size()) {
      throw new AssertionError(
          "size " + twin.volume.size() + " here, " + twin.host.size() + " on the host");
    }
  }

  private void twin(String what, OpenTwin twin, Operation<WritableFile> operation)
      throws IOException {
    agree(what, () -> operation.on(twin.volume), () -> operation.on(twin.host));
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Compares what is open, and has perhaps no name any more, and closes it. */
  @Override
  public void close() throws IOException {
    for (OpenTwin twin : open) {
      TreeDifference.requireSameContent("an open file", twin.volume, twin.host);
      twin.volume.close();
      twin.host.close();
    }
    open.clear();
  }

  /** The host's clock of this moment counts for both: only times that were set are compared. */
  static boolean isSet(Attributes attributes) {
    return attributes.modificationTime().seconds() < 1_000_000_000L;
  }
}
