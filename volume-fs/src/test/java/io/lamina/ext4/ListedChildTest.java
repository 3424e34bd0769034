package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files found by the numbers that a listing told, in a directory that may have changed since. */
class ListedChildTest {
  private static final Owner OWNER = new Owner(0, 0);
  private static final int NAME_COUNT = 100;
  private static final int ROUNDS = Integer.getInteger("lamina.rounds", 20_000);

  @TempDir(factory = InMemory.class)
  Path scratch;

  private Ext4 volume;
  private Node directory;

  @BeforeEach
  void open() throws IOException {
    volume = new WritableImage(scratch, "16M", "").open();
    directory = volume.root().create(Name.of("d"), NewFile.directory(0755, OWNER));
  }

  @AfterEach
  void close() throws IOException {
    volume.close();
  }

  /** A file whose permissions tell its name. */
  private void make(int number) throws IOException {
    directory.create(name(number), NewFile.regular(number, OWNER));
  }

  private static Name name(int number) {
    return Name.of("file" + number);
  }

  private Map<Name, Long> listed() throws IOException {
    Map<Name, Long> entries = new HashMap<>();
    directory.list(0, (name, inodeNr, type, next) -> entries.put(name, inodeNr) == null);
    return entries;
  }

  @Test
  void whatStayedIsFoundByItsNumber() throws IOException {
    make(1);
    long before = directory.removalCount();
    Map<Name, Long> listed = listed();
    make(2);
    assertThat(directory.removalCount()).isEqualTo(before);
    assertThat(directory.listedChild(name(1), listed.get(name(1)), before))
        .isEqualTo(directory.child(name(1)));
  }

  @Test
  void aNumberThatAnotherFileHasNowIsNotTakenForTheOldOne() throws IOException {
    make(1);
    long before = directory.removalCount();
    long inodeNr = listed().get(name(1));
    directory.unlink(name(1));
    make(2);
    assertThat(listed()).containsEntry(name(2), inodeNr);
    assertThat(directory.listedChild(name(1), inodeNr, before)).isNull();
  }

  @Test
  void aNameThatAnotherFileHasNowLeadsToThat() throws IOException {
    make(1);
    make(2);
    long before = directory.removalCount();
    Map<Name, Long> listed = listed();
    directory.rename(name(1), directory, name(2), RenameMode.EXCHANGE);
    assertThat(permissions(directory.listedChild(name(1), listed.get(name(1)), before)))
        .isEqualTo(2);
    before = directory.removalCount();
    listed = listed();
    directory.rename(name(1), directory, name(2), RenameMode.REPLACE);
    assertThat(permissions(directory.listedChild(name(2), listed.get(name(2)), before)))
        .isEqualTo(2);
  }

  private static int permissions(Node node) throws IOException {
    return node.attributes().permissions();
  }

  @Test
  void nobodyElsesFileIsFoundWhileNamesComeAndGo() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService threads = Executors.newCachedThreadPool();
    Future<?> changing = threads.submit(() -> change(new Random(1)));
    Future<?> looking = threads.submit(() -> look(over));
    threads.shutdown();
    try {
      changing.get();
    } finally {
      over.set(true);
    }
    looking.get();
  }

  private Void change(Random random) throws IOException {
    boolean[] isThere = new boolean[NAME_COUNT];
    for (int i = 0; i < ROUNDS; i++) {
      int number = random.nextInt(NAME_COUNT);
      if (isThere[number]) {
        directory.unlink(name(number));
      } else {
        make(number);
      }
      isThere[number] = !isThere[number];
    }
    return null;
  }

  private Void look(AtomicBoolean over) throws IOException {
    while (!over.get()) {
      long before = directory.removalCount();
      for (Map.Entry<Name, Long> one : listed().entrySet()) {
        Node node = directory.listedChild(one.getKey(), one.getValue(), before);
        if (node != null) {
          assertThat(one.getKey()).isEqualTo(name(seenPermissions(node, one.getKey())));
        }
      }
    }
    return null;
  }

  /** Of a file that is gone by now, nobody's: its own. */
  private static int seenPermissions(Node node, Name name) throws IOException {
    try {
      return permissions(node);
    } catch (FsException e) {
      return Integer.parseInt(name.toString().substring("file".length()));
    }
  }
}
