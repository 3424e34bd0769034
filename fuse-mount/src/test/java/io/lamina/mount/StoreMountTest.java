package io.lamina.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fuse.Fuse;
import io.lamina.graph.CommittedImage;
import io.lamina.graph.ContainerOptions;
import io.lamina.graph.Id;
import io.lamina.graph.Reference;
import io.lamina.images.Await;
import io.lamina.layer.NewStore;
import io.lamina.layer.StoreTools;
import io.lamina.layer.WritableRoot;
import io.lamina.thin.VolumeSummary;
import io.lamina.thin.WriteOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store that is changed while it is mounted. */
class StoreMountTest {
  private static final int BIG_BYTES = 8 << 20;

  private @TempDir Path scratch;
  private Path root;

  @BeforeEach
  void requireTools() throws IOException {
    StoreTools.requireRootAndMkfs();
    root = scratch.resolve("store");
  }

  private void makeStore(NewStore.Kind kind) throws IOException {
    NewStore.create(root, kind, new NewStore.Sizes(256 << 20, 128 << 20));
    Path files = scratch.resolve("files");
    Path etc = Files.createDirectories(files.resolve("etc"));
    Files.writeString(etc.resolve("name"), "image");
    Files.writeString(etc.resolve("old"), "old");
    Files.write(files.resolve("big"), new byte[BIG_BYTES]);
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      StoreTools.addImage(opened, StoreTools.tar(files), "app:1");
    }
  }

  private static List<String> diff(WritableRoot changing, Id container) throws IOException {
    return changing.layers().changes(changing.layers().stack(container.hex())).stream()
        .map(change -> change.kind().letter() + " " + change.path())
        .filter(line -> !line.contains("/.wh..wh."))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void aContainerIsWrittenToAndImagesAreNot(NewStore.Kind kind) throws Exception {
    makeStore(kind);
    try (DockerRoot opened = DockerRoot.openWritable(root, WriteOptions.DEFAULT);
        Fuse fuse = new Fuse(opened.tree())) {
      WritableRoot changing = opened.changing().orElseThrow();
      Path mnt = fuse.directory.resolve("mnt");
      Id image = changing.store().findImage("app:1");
      assertThat(mnt.resolve(image.hex()).resolve("etc/name")).hasContent("image");
      assertThat(fuse.run("touch", "mnt/" + image.hex() + "/x")).contains("Read-only file system");
      Id container = changing.createContainer("app:1", "web", ContainerOptions.NONE);
      Path files = mnt.resolve(container.hex());
      Files.writeString(files.resolve("etc/name"), "container");
      Files.delete(files.resolve("etc/old"));
      Files.createDirectories(files.resolve("srv/a"));
      Files.writeString(files.resolve("srv/a/b"), "b");
      assertThat(files.resolve("etc/hosts")).isEmptyFile();
      assertThat(diff(changing, container))
          .containsExactlyInAnyOrder(
              "C /etc", "C /etc/name", "D /etc/old", "A /srv", "A /srv/a", "A /srv/a/b");
      assertThat(fuse.run("ls", "-A", "diff/" + container.hex())).contains("etc", "srv");
      Id made = changing.commit("web", new CommittedImage.Commit(null, null, List.of()));
      changing.tag(Reference.parse("app:2"), made);
      assertThat(mnt.resolve(made.hex()).resolve("etc/name")).hasContent("container");
      assertThat(mnt.resolve(made.hex()).resolve("etc/old")).doesNotExist();
      assertThat(fuse.directory.resolve("tags/app/2/srv/a/b")).hasContent("b");
      assertThat(mnt.resolve(image.hex()).resolve("etc/name")).hasContent("image");
      changing.removeContainer("web", false);
      Await.until("the kernel is told", () -> !Files.exists(files));
    }
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      assertThat(opened.store().containerIds()).isEmpty();
      assertThat(opened.store().imageIds()).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void filesOfDifferentTreesHaveDifferentNumbers(NewStore.Kind kind) throws Exception {
    makeStore(kind);
    try (DockerRoot opened = DockerRoot.openWritable(root, WriteOptions.DEFAULT);
        Fuse fuse = new Fuse(opened.tree())) {
      WritableRoot changing = opened.changing().orElseThrow();
      List<String> trees = new ArrayList<>();
      trees.add("mnt/" + changing.store().findImage("app:1").hex());
      for (String name : List.of("one", "two")) {
        Id container = changing.createContainer("app:1", name, ContainerOptions.NONE);
        trees.add("mnt/" + container.hex());
        trees.add("diff/" + container.hex());
        Path files = fuse.directory.resolve("mnt/" + container.hex());
        Files.createLink(files.resolve("etc/link"), files.resolve("etc/name"));
        Files.writeString(files.resolve("etc/name"), name);
      }
      FileNumbers.requireDistinct(fuse, trees);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatWasWrittenIsThereAtTheNextMount(NewStore.Kind kind) throws Exception {
    makeStore(kind);
    Id container;
    try (DockerRoot opened = DockerRoot.openWritable(root, WriteOptions.DEFAULT);
        Fuse fuse = new Fuse(opened.tree())) {
      WritableRoot changing = opened.changing().orElseThrow();
      container = changing.createContainer("app:1", "web", ContainerOptions.NONE);
      Files.writeString(fuse.directory.resolve("mnt/" + container.hex() + "/kept"), "yes");
    }
    try (DockerRoot opened = DockerRoot.openWritable(root, WriteOptions.DEFAULT);
        Fuse fuse = new Fuse(opened.tree())) {
      assertThat(fuse.directory.resolve("mnt/" + container.hex() + "/kept")).hasContent("yes");
    }
  }

  @Test
  void aContainerWhoseFilesAreOpenIsNotRemoved() throws Exception {
    makeStore(NewStore.Kind.THIN);
    try (DockerRoot opened = DockerRoot.openWritable(root, WriteOptions.DEFAULT);
        Fuse fuse = new Fuse(opened.tree())) {
      WritableRoot changing = opened.changing().orElseThrow();
      Id container = changing.createContainer("app:1", "web", ContainerOptions.NONE);
      Path name = fuse.directory.resolve("mnt/" + container.hex() + "/etc/name");
      try (RandomAccessFile held = new RandomAccessFile(name.toFile(), "r")) {
        assertThat(held.read()).isEqualTo('i');
        assertThatThrownBy(() -> changing.removeContainer("web", false))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("files of it are open");
        assertThat(name).hasContent("image");
      }
    }
  }

  @Test
  void aByteOfABigFileTakesOneBlockOfThePool() throws Exception {
    makeStore(NewStore.Kind.THIN);
    try (DockerRoot opened = DockerRoot.openWritable(root, WriteOptions.DEFAULT);
        Fuse fuse = new Fuse(opened.tree())) {
      WritableRoot changing = opened.changing().orElseThrow();
      Id container = changing.createContainer("app:1", "web", ContainerOptions.NONE);
      Path big = fuse.directory.resolve("mnt/" + container.hex() + "/big");
      long before;
      try (RandomAccessFile file = new RandomAccessFile(big.toFile(), "rw")) {
        file.writeByte(1); // the inode's block and the journal's are the container's own now
        file.getFD().sync();
        before = Objects.requireNonNull(opened.pool()).status().usedDataBlocks();
        file.seek(BIG_BYTES / 2);
        file.writeByte(1);
        file.getFD().sync();
      }
      long taken = Objects.requireNonNull(opened.pool()).status().usedDataBlocks() - before;
      assertThat(taken).isEqualTo(1);
      assertThat(Files.size(big)).isEqualTo(BIG_BYTES);
    }
  }

  /** Ten names in a row, the oldest of which goes when a new one comes. */
  private static void writeOn(Path row, AtomicBoolean stops) throws IOException {
    for (int i = 0; !stops.get(); i++) {
      Path made = Files.createDirectory(row.resolve(Integer.toString(i)));
      Files.writeString(made.resolve("file"), "content " + i);
      if (i >= 10) {
        Path oldest = row.resolve(Integer.toString(i - 10));
        Files.delete(oldest.resolve("file"));
        Files.delete(oldest);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aContainerThatIsWrittenToIsCommitted(NewStore.Kind kind) throws Exception {
    makeStore(kind);
    try (DockerRoot opened = DockerRoot.openWritable(root, WriteOptions.DEFAULT);
        Fuse fuse = new Fuse(opened.tree())) {
      WritableRoot changing = opened.changing().orElseThrow();
      Id container = changing.createContainer("app:1", "web", ContainerOptions.NONE);
      Path mnt = fuse.directory.resolve("mnt");
      Path row = Files.createDirectory(mnt.resolve(container.hex()).resolve("row"));
      AtomicBoolean stops = new AtomicBoolean();
      ExecutorService writing = Executors.newSingleThreadExecutor();
      try {
        Future<?> writer =
            writing.submit(
                () -> {
                  writeOn(row, stops);
                  return null;
                });
        for (int i = 0; i < 10; i++) {
          Id image = changing.commit("web", new CommittedImage.Commit(null, null, List.of()));
          requireRow(mnt.resolve(image.hex()).resolve("row"), kind);
        }
        stops.set(true);
        writer.get();
      } finally {
        stops.set(true);
        writing.shutdown();
        assertThat(writing.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
      }
      assertThat(Objects.requireNonNull(opened.pool()).volumes())
          .extracting(VolumeSummary::name)
          .noneMatch(name -> name.startsWith("lamina-"));
    }
    StoreTools.checkPool(root, kind);
  }

  /** A volume is committed as it was at one moment, directories as they were on the way. */
  private static void requireRow(Path row, NewStore.Kind kind) throws IOException {
    try (Stream<Path> files = Files.list(row)) {
      List<Integer> numbers =
          files.map(file -> Integer.valueOf(file.getFileName().toString())).sorted().toList();
      if (kind == NewStore.Kind.THIN) {
        assertThat(numbers.size()).isLessThanOrEqualTo(11);
        for (int i = 1; i < numbers.size(); i++) {
          assertThat(numbers.get(i)).isEqualTo(numbers.get(0) + i);
        }
      }
    }
  }
}
