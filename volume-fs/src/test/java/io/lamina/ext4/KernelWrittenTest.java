package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.images.HostManifest;
import io.lamina.images.Manifest;
import io.lamina.truth.TreeManifest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Volumes that the kernel wrote on this machine, as it writes them and nobody else does. */
class KernelWrittenTest {
  /** Directories that grew and shrank, files cut, punched and preallocated, long attributes. */
  private static final String CHANGES =
      """
      for i in $(seq 1 600); do echo $i > many/kernel-$i; done
      rm many/kernel-*[147]
      head -c 400000 /dev/urandom > punched
      if fallocate -l 500000 preallocated; then # not without extents
        printf middle | dd of=preallocated bs=1 seek=200000 conv=notrunc status=none
        fallocate -n -l 300000 sizes/500
        fallocate -p -o 40960 -l 81920 punched
      fi
      truncate -s 123 sizes/300001
      truncate -s 200000 sizes/4095
      head -c 3000000 /dev/urandom > large
      for i in $(seq 1 9); do setfattr -n user.a$i -v "value of $i" small; done
      for i in $(seq 1 50 400); do
        setfattr -n user.shared -v "$(printf '%0500d' 1)" many/a-rather-long-name-for-a-file-$i
      done
      chattr +i many/kernel-2
      chattr +a many/kernel-3
      chattr +d +A many/kernel-5
      mkdir grown
      mkdir grown/{1..80}
      for i in $(seq 1 12); do echo $i > grown/$i/f; done
      ln -s /some/where/that/is/not/there grown/link
      mv dir/sub moved
      """;

  @TempDir(factory = InMemory.class)
  Path directory;

  private Path image;

  @BeforeEach
  void needsTheKernel() throws IOException {
    Tools.require("mke2fs", "bash", "setfattr", "chattr", "fallocate", "mount");
    String missing = HostManifest.missingProgram();
    assumeTrue(missing == null, missing + " is not installed");
    Tools.requireRoot();
    image = directory.resolve("volume.img");
  }

  private KernelMount make(int mib, String options) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) mib << 20);
    }
    List<String> arguments = new ArrayList<>(List.of("-q", "-F", "-t", "ext4"));
    arguments.addAll(List.of(options.split(" ", -1)));
    arguments.add(image.toString());
    Tools.run(0, "", "mke2fs", arguments.toArray(new String[0]));
    KernelMount mount = KernelMount.ifPossible(image, "rw");
    assumeTrue(mount != null, "this kernel does not mount " + options);
    return mount;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "-b 4096",
    "-b 1024",
    "'-b 1024 -O inline_data'",
    "'-b 4096 -O inline_data -I 512'",
    "'-b 4096 -O ^extent,^64bit'",
    "'-b 1024 -O ^extent,^64bit,^metadata_csum'",
    "'-b 1024 -O ^extent,^64bit,^has_journal,^dir_index,^flex_bg,^filetype'",
    "'-b 4096 -I 128'",
    "'-b 4096 -O bigalloc -C 65536'",
    "'-b 2048 -O ea_inode,orphan_file,metadata_csum_seed'",
    "'-b 1024 -O ea_inode,bigalloc,inline_data,mmp -C 8192 -I 256'"
  })
  void showsWhatTheKernelWrote(String options) throws IOException {
    try (KernelMount mount = make(250, options)) {
      SampleTree.make(mount.directory(), true);
      SampleTree.run(mount.directory(), CHANGES);
      if (options.contains("ea_inode")) {
        SampleTree.addLargeAttributes(mount.directory());
      }
    }
    KernelMount again = KernelMount.ifPossible(image, "ro");
    try (again;
        Ext4 opened = Ext4.open(new FileImage(image))) {
      Manifest seen = TreeManifest.of(opened.root());
      assertThat(HostManifest.of(again.directory()).differences(seen)).isEmpty();
    }
  }

  /** A tree of three levels needs some 40,000 names of this length in blocks of 1 KiB. */
  @Test
  void findsEveryNameInADirectoryIndexedThreeLevelsDeep() throws IOException {
    int count = 47_000;
    String longName = "%0230d";
    try (KernelMount mount = make(120, "-b 1024 -O large_dir")) {
      Path file = Files.createFile(mount.directory().resolve("file"));
      Path names = Files.createDirectory(mount.directory().resolve("names"));
      for (int i = 0; i < count; i++) {
        Files.createLink(names.resolve(String.format(longName, i)), file);
      }
    }
    assertThat(Tools.run(0, "", "debugfs", "-R", "htree_dump /names", image.toString()))
        .contains("Indirect levels: 2");
    try (Ext4 opened = Ext4.open(new FileImage(image))) {
      Node names = opened.root().child(Name.of("names"));
      Set<Name> listed = new HashSet<>();
      names.list(0, (name, inodeNr, type, next) -> listed.add(name));
      assertThat(listed).hasSize(count);
      for (int i = 0; i < count; i += 7) {
        assertThat(names.child(Name.of(String.format(longName, i)))).isNotNull();
      }
      assertThat(names.child(Name.of(String.format(longName, count)))).isNull();
      assertThat(opened.root().child(Name.of("file")).attributes().linkCount())
          .isEqualTo(count + 1);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"-b 1024, 30000", "'-b 1024 -O ^extent,^64bit', 70000", "-b 4096, 3000"})
  void readsAFileInThousandsOfPieces(String options, int pieces) throws IOException {
    int blockBytes = Integer.parseInt(options.substring(3, 7));
    try (KernelMount mount = make(200, options);
        RandomAccessFile file = new RandomAccessFile(mount.directory() + "/pieces", "rw")) {
      for (int i = 0; i < pieces; i += 2) {
        file.seek((long) i * blockBytes + 1);
        file.writeInt(i);
      }
    }
    try (Ext4 opened = Ext4.open(new FileImage(image));
        OpenFile file = opened.root().child(Name.of("pieces")).open()) {
      ByteBuffer piece = ByteBuffer.allocate(2 * blockBytes);
      Random random = new Random(1);
      for (int n = 0; n < 20_000; n++) {
        int i = 2 * random.nextInt(pieces / 2 - 1);
        file.read((long) i * blockBytes, piece.clear());
        assertThat(piece.getInt(1)).isEqualTo(i);
        assertThat(piece.getLong(blockBytes)).isZero();
        assertThat(file.nextHole((long) i * blockBytes)).isEqualTo((i + 1L) * blockBytes);
        assertThat(file.nextData((i + 1L) * blockBytes)).isEqualTo((i + 2L) * blockBytes);
      }
    }
  }

  @Test
  void readsTheFarEndsOfASparseFile() throws IOException {
    long size = 16L << 40; // all that 32 bits of 4 KiB blocks can say, but for the last
    try (KernelMount mount = make(80, "-b 4096");
        RandomAccessFile file = new RandomAccessFile(mount.directory() + "/sparse", "rw")) {
      file.write(1);
      file.seek(size - 8192);
      file.write(2);
    }
    try (Ext4 opened = Ext4.open(new FileImage(image));
        OpenFile file = opened.root().child(Name.of("sparse")).open()) {
      assertThat(file.size()).isEqualTo(size - 8191);
      assertThat(file.nextHole(0)).isEqualTo(4096);
      assertThat(file.nextData(4096)).isEqualTo(size - 8192);
      ByteBuffer end = ByteBuffer.allocate(100);
      assertThat(file.read(size - 8193, end)).isEqualTo(2);
      assertThat(end.get(1)).isEqualTo((byte) 2);
    }
  }
}
