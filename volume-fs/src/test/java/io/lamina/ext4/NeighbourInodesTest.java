package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Inodes of one block of the table are changed by several threads, while others look at them and
 * one transaction follows the other.
 */
class NeighbourInodesTest {
  private static final Owner OWNER = new Owner(0, 0);
  private static final int ROUNDS = Integer.getInteger("lamina.rounds", 10_000);
  private static final int WRITERS = 3;

  @TempDir(factory = InMemory.class)
  Path directory;

  private final AtomicBoolean over = new AtomicBoolean();

  @Test
  void noNameOfAFileIsForgottenInItsCount() throws Exception {
    WritableImage image = new WritableImage(directory, "64M", "-O ^metadata_csum");
    try (Ext4 volume = image.open()) {
      List<Node> files = new ArrayList<>();
      List<Node> places = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        places.add(volume.root().create(Name.of("d" + i), NewFile.directory(0755, OWNER)));
      }
      for (int i = 0; i < WRITERS; i++) {
        files.add(volume.root().create(Name.of("file" + i), NewFile.regular(0644, OWNER)));
      }
      run(volume, places, files);
      for (Node file : files) {
        assertThat(file.attributes().linkCount()).isEqualTo(1);
      }
    }
    image.check();
  }

  private void run(Ext4 volume, List<Node> places, List<Node> files) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<?>> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      Node place = places.get(i);
      Node file = files.get(i);
      writers.add(threads.submit(() -> link(place, file)));
    }
    List<Future<?>> others = new ArrayList<>();
    others.add(threads.submit(() -> commit(volume)));
    others.add(threads.submit(() -> look(files)));
    try {
      for (Future<?> writer : writers) {
        writer.get();
      }
    } finally {
      over.set(true);
      threads.shutdown();
    }
    for (Future<?> other : others) {
      other.get();
    }
  }

  private static Void link(Node place, Node file) throws IOException {
    Name name = Name.of("second");
    for (int i = 0; i < ROUNDS; i++) {
      place.link(name, file);
      assertThat(file.attributes().linkCount()).isEqualTo(2);
      place.unlink(name);
      assertThat(file.attributes().linkCount()).isEqualTo(1);
    }
    return null;
  }

  private Void commit(Ext4 volume) throws IOException {
    while (!over.get()) {
      volume.sync();
    }
    return null;
  }

  private Void look(List<Node> files) throws IOException {
    while (!over.get()) {
      for (Node file : files) {
        file.attributes();
      }
    }
    return null;
  }
}
