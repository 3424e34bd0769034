package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.graph.ContainerRecord;
import io.lamina.graph.Id;
import io.lamina.graph.LayerRecord;
import io.lamina.thin.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process that changes a store is killed as it enters a system call that makes something lasting:
 * whichever that is, the store opens, and nothing in it is half made.
 */
class KilledStoreTest {
  private static final String CALLS = "rename,renameat2,fsync,fdatasync,unlink";

  /** As many as there are of these calls until all is done, and some more. */
  private static final int MOST_CALLS = 300;

  private static final int NOT_TRACED = 1;
  private static final Path STRACE = Path.of("/usr/bin/strace");

  private @TempDir Path scratch;

  @ParameterizedTest
  @EnumSource
  void whereverItIsCutTheStoreOpensAndNothingIsHalfMade(NewStore.Kind kind) throws Exception {
    StoreTools.requireRootAndMkfs();
    assumeTrue(Files.isExecutable(STRACE), "strace is not installed");
    Path fresh = scratch.resolve("fresh");
    NewStore.create(fresh, kind, new NewStore.Sizes(64 << 20, 32 << 20));
    try (WritableRoot opened = WritableRoot.open(fresh, WriteOptions.DEFAULT)) {
      StoreTools.addImage(opened, StoreTools.tar(scratch, List.of("a", "1")), "app:1");
    }
    Random random = new Random(7);
    int cutCount = Integer.getInteger("lamina.cuts", 2);
    for (int i = 0; i < cutCount; i++) {
      int call = 1 + random.nextInt(MOST_CALLS);
      Path cut = copy(fresh, "cut-" + call);
      int exitCode = run(cut, "-e", "inject=" + CALLS + ":signal=KILL:when=" + call);
      assumeTrue(exitCode != NOT_TRACED, "strace cannot trace here");
      check(cut, kind, "cut at call " + call);
    }
  }

  private Path copy(Path root, String name) throws Exception {
    Path to = scratch.resolve(name);
    Process copying =
        new ProcessBuilder("cp", "-a", "--sparse=always", root.toString(), to.toString()).start();
    assertThat(copying.waitFor()).isZero();
    return to;
  }

  private int run(Path root, String... tracing) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(STRACE.toString(), "-f", "--seccomp-bpf", "-e", "trace=" + CALLS));
    command.addAll(List.of(tracing));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            StoreSteps.class.getName(),
            root.toString(),
            scratch.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("said").toFile())
            .start();
    return process.waitFor();
  }

  /** The store opens, each image and container in it is whole, and nothing else is left. */
  static void check(Path root, NewStore.Kind kind, String where) throws Exception {
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      SortedSet<String> used = new TreeSet<>();
      for (Id id : opened.store().imageIds()) {
        used.add(id.hex());
        assertThat(SeenTree.of(tree(opened, id))).as(where).isNotEmpty();
      }
      for (LayerRecord layer : opened.store().layers()) {
        used.add(layer.driverId());
      }
      for (Id id : opened.store().containerIds()) {
        ContainerRecord container = opened.store().container(id);
        used.add(container.driverId());
        used.add(String.valueOf(container.initDriverId()));
        assertThat(SeenTree.of(tree(opened, id))).as(where).containsKeys("/a", "/etc/hosts");
      }
      assertThat(opened.store().imageIds())
          .as(where)
          .containsAll(opened.store().tags().ids().values());
      assertThat(opened.store().findImage("app:1")).as(where).isNotNull();
      assertThat(driverLayers(root, opened, kind)).as(where).isEqualTo(used);
    }
    StoreTools.checkPool(root, kind);
  }

  private static FileTree tree(WritableRoot opened, Id id) throws IOException {
    return opened.layers().merged(opened.layers().stack(id.hex()));
  }

  private static SortedSet<String> driverLayers(Path root, WritableRoot opened, NewStore.Kind kind)
      throws IOException {
    if (kind == NewStore.Kind.THIN) {
      SortedSet<String> names = new TreeSet<>(StoreTools.volumes(root));
      names.remove("base");
      return names;
    }
    SortedSet<String> names = new TreeSet<>();
    FileTree files = opened.pooledFiles().orElseThrow();
    for (String part : List.of("diff", "layers", "mnt")) {
      files.root().child(Name.of(part)).list(0, (name, inodeNr, type, next) -> note(names, name));
    }
    return names;
  }

  private static boolean note(SortedSet<String> names, Name name) {
    names.add(name.toString());
    return true;
  }
}
