package io.lamina.ext4;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.lamina.block.FileDevice;
import io.lamina.block.HolePuncher;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.host.HostTree;
import io.lamina.fs.host.Libc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All operations, at random, by several threads: on a volume, and on the host as the model. */
class Ext4WalkTest {
  private static final int THREADS = 3;
  private static final int STEPS = 2000;
  private static final int MAX_FILE_BYTES = 1 << 20;

  @TempDir(factory = InMemory.class)
  Path directory;

  @TempDir Path hostDirectory;

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "as mke2fs has it |",
        "1 KiB blocks | -b 1024",
        "64 KiB blocks | -b 65536",
        "no extents | -O ^extent,^64bit -b 1024",
        "no checksums | -O ^metadata_csum",
        "no 64bit | -O ^64bit",
        "bigalloc | -O bigalloc -C 16384",
        "inline_data | -O inline_data -I 512",
        "orphan_file | -O orphan_file",
        "metadata_csum_seed | -O metadata_csum_seed",
        "ea_inode | -O ea_inode",
        "128-byte inodes | -I 128 -b 1024",
        "no journal | -O ^has_journal",
        "ext3 | -t ext3 -b 1024",
        "ext2 | -t ext2 -b 1024",
        "revision 0 | -t ext2 -r 0 -b 1024",
      })
  void behavesLikeTheHost(String name, String given) throws Exception {
    Tools.require("mke2fs", "e2fsck");
    assumeThat(Libc.get().isRoot()).as("only root may give files to others").isTrue();
    String options = given == null ? "" : given;
    int seeds = Integer.getInteger("lamina.seeds", 5) / 5;
    for (int seed = 0; seed < seeds; seed++) {
      Path image = directory.resolve("volume.img");
      String type = options.contains("-t ") ? "" : "-t ext4 ";
      E2fsprogs.mke2fs(image, options.contains("65536") ? "200M" : "96M", type + options);
      Path host = Files.createDirectory(hostDirectory.resolve("seed" + seed));
      try (HostTree model = HostTree.open(host, true)) {
        try (Ext4 volume = open(image)) {
          walk(volume, model, seed, limits(options));
        }
        Tools.run(0, "", "e2fsck", "-fn", image.toString());
        try (Ext4 reopened = Ext4.open(FileDevice.openReadOnly(image))) {
          TreeDifference.requireSame("", reopened.root(), model.root());
        }
        compareWithKernel(image, model);
      }
    }
  }

  private static TwinWalk.Limits limits(String options) {
    boolean hasExtents = !options.contains("^extent") && !options.contains("-t ");
    return new TwinWalk.Limits(
        !options.contains("-I 128") && !options.contains("-r 0"), hasExtents, MAX_FILE_BYTES);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {"as mke2fs has it |", "1 KiB blocks, no extents | -O ^extent,^64bit -b 1024"})
  void behavesLikeTheHostInAThinPool(String name, String given) throws Exception {
    Tools.require("mke2fs", "e2fsck");
    assumeThat(Libc.get().isRoot()).as("only root may give files to others").isTrue();
    String options = given == null ? "" : given;
    int seeds = Integer.getInteger("lamina.seeds", 5) / 5;
    for (int seed = 0; seed < seeds; seed++) {
      Path image = directory.resolve("volume.img");
      E2fsprogs.mke2fs(image, "96M", "-t ext4 " + options);
      Path host = Files.createDirectory(hostDirectory.resolve("thin" + seed));
      ThinImages images = new ThinImages(directory, 128 << 20, 96 << 20);
      images.add(1, image);
      images.pool().createSnapshot(2, 1); // so that all is shared at first
      try (HostTree model = HostTree.open(host, true)) {
        try (images;
            Ext4 volume = images.open(1)) {
          walk(volume, model, 100 + seed, limits(options));
        }
        images.check(1, image);
        try (Ext4 reopened = Ext4.open(FileDevice.openReadOnly(image))) {
          TreeDifference.requireSame("", reopened.root(), model.root());
        }
        images.check(2, image);
      }
    }
  }

  private static Ext4 open(Path image) throws IOException {
    return Ext4.openWritable(
        FileDevice.openWritable(image, HolePuncher.NONE), WriteOptions.DEFAULT);
  }

  private static void walk(Ext4 volume, HostTree model, long seed, TwinWalk.Limits limits)
      throws Exception {
    Owner owner = new Owner(0, 0);
    volume.root().change(AttributeChange.NONE.withPermissions(0755));
    model.root().change(AttributeChange.NONE.withPermissions(0755));
    List<TwinWalk> walks = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Name name = Name.ofLatin1("thread" + i);
      Node mine = volume.root().create(name, NewFile.directory(0755, owner));
      Node theirs = model.root().create(name, NewFile.directory(0755, owner));
      walks.add(new TwinWalk(mine, theirs, seed * THREADS + i, limits));
    }
    together(walks);
    TreeDifference.requireSame("", volume.root(), model.root());
  }

  private static void together(List<TwinWalk> walks) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(walks.size());
    try {
      List<Future<?>> running = new ArrayList<>();
      for (TwinWalk walk : walks) {
        running.add(threads.submit(() -> runOne(walk)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause().getMessage(), e.getCause());
    } finally {
      threads.shutdown();
    }
  }

  private static Void runOne(TwinWalk walk) {
    try (walk) {
      for (int step = 0; step < STEPS; step++) {
        walk.step();
      }
      return null;
    } catch (AssertionError | IOException | RuntimeException e) {
      throw new AssertionError(e + " after " + walk.history(), e);
    }
  }

  private static void compareWithKernel(Path image, HostTree model) throws IOException {
    KernelMount mount = KernelMount.ifPossible(image, "ro");
    if (mount != null) {
      try (mount;
          HostTree shown = HostTree.open(mount.directory(), false)) {
        TreeDifference.requireSame("", shown.root(), model.root());
      }
    }
  }
}
