package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.Removal;
import io.lamina.fs.RenameMode;
import io.lamina.fs.Timestamp;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import io.lamina.graph.CommittedImage;
import io.lamina.graph.ContainerOptions;
import io.lamina.graph.Id;
import io.lamina.layer.archive.TarWriter;
import io.lamina.layer.archive.TreeTar;
import io.lamina.layer.change.Change;
import io.lamina.thin.WriteOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same history in both stores of Lamina's own. */
class StoresAgreeTest {
  private static final int OPERATION_COUNT = 120;
  private static final int BLOCK_BYTES = 512;
  private static final long FIRST_TIME = 1_700_000_000L;
  private static final long LAST_TIME = FIRST_TIME + OPERATION_COUNT;
  private static final Owner ROOT = new Owner(0, 0);

  /**
   * What docker has made for a container, and no image has: where it is removed, a stored layer
   * keeps a whiteout of nothing, and a snapshot does not.
   */
  private static final Set<Name> DOCKERS =
      Set.of(
          Name.of(".dockerenv"), Name.of("dev"), Name.of("etc"), Name.of("proc"), Name.of("sys"));

  private @TempDir Path scratch;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Long.getLong("lamina.seeds", 3));
  }

  /** What a store gave. */
  private record Outcome(
      SortedSet<String> changes,
      SortedMap<String, String> container,
      SortedMap<String, String> committed,
      SortedSet<String> committedChanges,
      String exported) {}

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theyGiveTheSameChangesFilesAndImages(long seed) throws Exception {
    StoreTools.requireRootAndMkfs();
    Outcome thin = outcome(NewStore.Kind.THIN, seed);
    Outcome aufs = outcome(NewStore.Kind.AUFS, seed);
    assertThat(aufs.container()).containsExactlyEntriesOf(thin.container());
    assertThat(aufs.changes()).isEqualTo(thin.changes());
    assertThat(aufs.committed()).containsExactlyEntriesOf(thin.committed());
    assertThat(aufs.committedChanges()).isEqualTo(thin.committedChanges());
    assertThat(headers(aufs.exported())).isEqualTo(headers(thin.exported()));
    assertThat(aufs.exported().equals(thin.exported())).as("exported tars").isTrue();
  }

  private Outcome outcome(NewStore.Kind kind, long seed) throws Exception {
    Path root = scratch.resolve(kind + "-" + seed);
    NewStore.create(root, kind, new NewStore.Sizes(256 << 20, 64 << 20));
    Outcome outcome;
    SortedMap<String, String> shown;
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      StoreTools.addImage(opened, StoreTools.tar(scratch, files()), "app:1");
      opened.createContainer("app:1", "web", ContainerOptions.NONE);
      try (FileTree tree = opened.openContainer("web")) {
        new Walk(new Random(seed), tree.root()).run();
        tree.sync();
        shown = SeenTree.of(tree, LAST_TIME);
      }
      LayerStack stack = opened.layers().find("web");
      SortedSet<String> changes = changes(opened, stack);
      SortedMap<String, String> container = SeenTree.of(opened.layers().merged(stack), LAST_TIME);
      Id image = opened.commit("web", new CommittedImage.Commit(null, null, List.of()));
      LayerStack made = opened.layers().stack(image.hex());
      outcome =
          new Outcome(
              changes,
              container,
              SeenTree.of(opened.layers().merged(made), LAST_TIME),
              changes(opened, made),
              exported(opened, stack));
    }
    assertThat(shown).as("while it was changed").containsExactlyEntriesOf(outcome.container());
    StoreTools.checkPool(root, kind);
    return outcome;
  }

  /** The blocks that name a format, as headers do: what differs is easier to see in them. */
  private static List<String> headers(String tar) {
    List<String> headers = new ArrayList<>();
    for (int at = 0; at + BLOCK_BYTES <= tar.length(); at += BLOCK_BYTES) {
      String block = tar.substring(at, at + BLOCK_BYTES);
      if (block.contains("ustar")) {
        headers.add(block.replaceAll("\0+", " "));
      }
    }
    return headers;
  }

  /**
   * The tar of {@code export}, one character a byte, in which the moments of this run would be the
   * one difference.
   */
  private static String exported(WritableRoot opened, LayerStack stack) throws IOException {
    try (FileTree tree = opened.openContainer("web")) {
      date(tree.root());
      tree.sync();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(bytes)) {
      new TreeTar(tar).writeBelow(opened.layers().merged(stack).root());
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  /**
   * Moments of this run become one, and so do those of directories: one in which a file is copied
   * up is younger for it, and a snapshot knows of no copying. What is in a directory comes first.
   */
  private static void date(Node file) throws IOException {
    Attributes attributes = file.attributes();
    if (attributes.isDirectory()) {
      List<Name> names = new ArrayList<>();
      file.list(0, (name, inodeNr, type, next) -> names.add(name));
      for (Name name : names) {
        date(file.child(name));
      }
    }
    if (attributes.isDirectory() || attributes.modificationTime().seconds() > LAST_TIME) {
      Timestamp time = new Timestamp(LAST_TIME, 0);
      file.change(AttributeChange.NONE.withTimes(time, time));
    }
  }

  /** Without directories that only changed within, of which docker's drivers think differently. */
  private static SortedSet<String> changes(WritableRoot root, LayerStack stack) throws IOException {
    FileTree merged = root.layers().merged(stack);
    SortedSet<String> lines = new TreeSet<>();
    for (Change change : root.layers().changes(stack)) {
      String path = change.path().toString();
      boolean isOwn = path.startsWith("/.wh.");
      if (!isOwn && (change.kind() != Change.Kind.CHANGED || !isDirectory(merged, path))) {
        lines.add(change.kind().letter() + " " + path);
      }
    }
    return lines;
  }

  private static boolean isDirectory(FileTree tree, String path) throws IOException {
    @Nullable Node node = tree.root();
    for (String name : path.substring(1).split("/", -1)) {
      node = node == null || name.isEmpty() ? node : node.child(Name.of(name));
    }
    return node != null && node.attributes().isDirectory();
  }

  private static List<String> files() {
    List<String> files = new ArrayList<>();
    for (int directory = 0; directory < 6; directory++) {
      for (int file = 0; file < 8; file++) {
        files.add("d" + directory + "/e" + file % 2 + "/f" + file);
        files.add("content " + directory + "." + file + " ".repeat(directory * 900));
      }
    }
    return files;
  }

  /** Random changes that are the same for the same seed, whatever the order of a listing. */
  private static final class Walk {
    private final Random random;
    private final Node root;
    private int step;

    Walk(Random random, Node root) {
      this.random = random;
      this.root = root;
    }

    void run() throws IOException {
      for (step = 0; step < OPERATION_COUNT; step++) {
        Node directory = directory();
        long removalCount = directory.removalCount();
        Map<Name, Long> listed = new HashMap<>();
        directory.list(0, (name, inodeNr, type, next) -> listed.put(name, inodeNr) == null);
        change(directory);
        for (Map.Entry<Name, Long> one : listed.entrySet()) {
          assertThat(directory.listedChild(one.getKey(), one.getValue(), removalCount))
              .isEqualTo(directory.child(one.getKey()));
        }
      }
    }

    private Node directory() throws IOException {
      Node at = root;
      while (true) {
        List<Name> below = names(at, true);
        if (below.isEmpty() || random.nextInt(4) == 0) {
          return at;
        }
        at = at.child(below.get(random.nextInt(below.size())));
      }
    }

    private static List<Name> names(Node directory, boolean directories) throws IOException {
      List<Name> names = new ArrayList<>();
      directory.list(
          0,
          (name, inodeNr, type, next) -> {
            if ((type == FileType.DIRECTORY) == directories && !DOCKERS.contains(name)) {
              names.add(name);
            }
            return true;
          });
      names.sort(null);
      return names;
    }

    private void change(Node directory) throws IOException {
      List<Name> files = names(directory, false);
      Name fresh = Name.of("n" + step);
      @Nullable Name file = files.isEmpty() ? null : files.get(random.nextInt(files.size()));
      switch (random.nextInt(9)) {
        case 8 -> changeDirectory(directory);
        case 0 -> write(directory.create(fresh, NewFile.regular(0640, ROOT)), 0);
        case 1 -> directory.create(fresh, NewFile.directory(0750, ROOT));
        case 2 -> directory.createSymlink(fresh, Name.of("to" + step), ROOT);
        case 3 -> {
          List<Name> below = names(directory, true);
          if (!below.isEmpty() && random.nextInt(4) == 0) {
            Removal.remove(directory, below.get(random.nextInt(below.size())));
          }
        }
        default -> {
          if (file != null) {
            change(directory, file, fresh);
          }
        }
      }
    }

    /** What docker does not look at, too. */
    private void changeDirectory(Node directory) throws IOException {
      if (directory.equals(root)) {
        return;
      }
      if (random.nextBoolean()) {
        directory.change(AttributeChange.NONE.withOwner(new Owner(step, 1)));
      } else {
        directory.setXattr(Name.of("user.d"), new byte[1 + step % 9], XattrMode.ANY);
      }
    }

    private void change(Node directory, Name name, Name fresh) throws IOException {
      Node file = directory.child(name);
      boolean isRegular = file.attributes().type() == FileType.REGULAR;
      switch (random.nextInt(5)) {
        case 0 -> directory.unlink(name);
        case 1 -> directory.rename(name, directory, fresh, RenameMode.REPLACE);
        case 2 -> {
          if (isRegular) {
            file.change(AttributeChange.NONE.withPermissions(0400 + step % 0200));
            setTime(file);
          }
        }
        case 3 -> {
          if (isRegular) {
            write(file, random.nextInt(3000));
          }
        }
        default -> {
          if (isRegular) {
            directory.link(fresh, file);
            setTime(file);
          }
        }
      }
    }

    private void write(Node file, int offset) throws IOException {
      try (WritableFile open = file.openForWriting()) {
        open.write(offset, ByteBuffer.wrap(("step " + step).getBytes(StandardCharsets.UTF_8)));
      }
      setTime(file);
    }

    private void setTime(Node file) throws IOException {
      Timestamp time = new Timestamp(FIRST_TIME + step, 0);
      file.change(AttributeChange.NONE.withTimes(time, time));
    }
  }
}
