package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.FileDevice;
import io.lamina.block.HolePuncher;
import io.lamina.fs.AllocationMode;
import io.lamina.fs.Caller;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileContentTest {
  private static final int MAX_BYTES = 3 << 20;
  private static final int FILES = 3;
  private static final List<AllocationMode> MODES = List.of(AllocationMode.values());

  @TempDir(factory = InMemory.class)
  Path directory;

  private Path image;

  @BeforeEach
  void requireTools() {
    Tools.require("mke2fs", "e2fsck");
    image = directory.resolve("volume.img");
  }

  private void make(String options, String size) throws IOException {
    Path tree = Files.createDirectories(directory.resolve("tree"));
    for (int i = 0; i < FILES; i++) {
      Files.writeString(tree.resolve("f" + i), i == 0 ? "" : "hello " + i);
    }
    E2fsprogs.mke2fs(image, size, "-t ext4 " + options + " -d " + tree);
  }

  private Ext4 open() throws IOException {
    return Ext4.openWritable(
        FileDevice.openWritable(image, HolePuncher.NONE), WriteOptions.DEFAULT);
  }

  private static Node node(Ext4 volume, int nr) throws IOException {
    Node node = volume.root().child(Name.ofLatin1("f" + nr));
    if (node == null) {
      throw new IOException("no file " + nr);
    }
    return node;
  }

  private void requireClean() throws IOException {
    Tools.run(0, "", "e2fsck", "-fn", image.toString());
  }

  @Test
  void filesThatGrowSideBySideLieInFewPieces() throws IOException {
    make("-b 4096", "64M");
    int[] pieces = new int[4];
    try (Ext4 volume = open()) {
      List<WritableFile> files = appendInTurn(volume, 200);
      for (int i = 0; i < files.size(); i++) {
        pieces[i] = pieces(volume, files.get(i).node());
        files.get(i).close();
      }
    }
    requireClean();
    for (int count : pieces) {
      assertThat(count).isLessThan(20); // of 200, when each took the next free block
    }
  }

  @Test
  void whatIsKeptForFilesThatGrowIsThereForOthersInNeed() throws IOException {
    make("-b 1024 -J size=1", "8M");
    try (Ext4 volume = open()) {
      List<WritableFile> files = appendInTurn(volume, 10);
      Node last = volume.root().create(Name.of("last"), NewFile.regular(0644, new Owner(0, 0)));
      try (WritableFile file = last.openForWriting()) {
        assertThatThrownBy(
                () -> {
                  for (int i = 0; i < 1000; i++) {
                    file.append(ByteBuffer.allocate(50_000));
                  }
                })
            .isInstanceOfSatisfying(
                FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
      }
      assertThat(volume.space().freeBlockCount()).isLessThan(8);
      for (WritableFile file : files) {
        file.close();
      }
    }
    requireClean();
  }

  @Test
  void theLastBlocksAreForRoot() throws IOException {
    make("-b 1024 -m 10", "16M");
    try (Ext4 volume = open()) {
      long kept = volume.files().volume().superblock().reservedBlockCount();
      assertThat(kept).isGreaterThan(1000);
      fill(volume, new Owner(1000, 1000));
      assertThat(volume.space().freeBlockCount()).isBetween(kept, kept + 100);
      fill(volume, new Owner(0, 0));
      assertThat(volume.space().freeBlockCount()).isLessThan(100);
      Caller.as(
          new Owner(1000, 1000),
          () -> {
            volume.root().unlink(Name.of("of 1000"));
            return true;
          });
    }
    requireClean();
  }

  private static void fill(Ext4 volume, Owner owner) throws IOException {
    Name name = Name.of("of " + owner.userId());
    try (WritableFile file =
        volume.root().create(name, NewFile.regular(0644, owner)).openForWriting()) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  Caller.as(owner, () -> file.append(ByteBuffer.allocate(50_000)));
                }
              })
          .isInstanceOfSatisfying(
              FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
    }
  }

  private static List<WritableFile> appendInTurn(Ext4 volume, int times) throws IOException {
    List<WritableFile> files = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Name name = Name.of("growing" + i);
      files.add(
          volume.root().create(name, NewFile.regular(0644, new Owner(0, 0))).openForWriting());
    }
    for (int i = 0; i < times; i++) {
      for (WritableFile file : files) {
        file.append(ByteBuffer.allocate(8192));
      }
    }
    return files;
  }

  private static int pieces(Ext4 volume, Node node) throws IOException {
    Inode inode = volume.files().inodes().inode(node.attributes().inodeNr());
    BlockMap map = BlockMap.of(volume.files().volume(), inode);
    long end = inode.size() / volume.files().volume().geometry().blockBytes();
    int count = 0;
    long next = Run.NOWHERE;
    for (long at = 0; at < end; ) {
      Run run = map.at(at);
      count += run.blockNr() == next ? 0 : 1;
      next = run.blockNr() + run.blockCount();
      at += run.blockCount();
    }
    return count;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "as mke2fs has it |",
        "1 KiB blocks | -b 1024",
        "64 KiB blocks | -b 65536",
        "no extents | -O ^extent,^64bit -b 1024",
        "no extents, 4 KiB | -O ^extent,^64bit -b 4096",
        "no checksums | -O ^metadata_csum -b 1024",
        "no huge_file | -O ^huge_file",
        "bigalloc | -O bigalloc -C 16384",
        "bigalloc, 1 KiB blocks | -O bigalloc -b 1024 -C 8192",
        "inline_data | -O inline_data -I 512",
        "inline_data, no extents | -O inline_data,^extent,^64bit",
        "128-byte inodes | -I 128",
        "no journal | -O ^has_journal -b 1024",
      })
  void behavesLikeArraysOfBytes(String name, String options) throws IOException {
    make(
        options == null ? "" : options,
        options != null && options.contains("65536") ? "200M" : "48M");
    int seeds = Integer.getInteger("lamina.seeds", 1);
    for (int seed = 0; seed < seeds; seed++) {
      play(new Random(seed), options != null && options.contains("^extent"));
      requireClean();
    }
  }

  private void play(Random random, boolean isIndirect) throws IOException {
    byte[][] model = new byte[FILES][];
    try (Ext4 volume = open()) {
      List<WritableFile> files = new ArrayList<>();
      for (int i = 0; i < FILES; i++) {
        files.add(node(volume, i).openForWriting());
        model[i] = content(files.get(i));
      }
      for (int step = 0; step < 80; step++) {
        int nr = random.nextInt(FILES);
        model[nr] = step(files.get(nr), model[nr], random, isIndirect);
        assertThat(files.get(nr).size()).isEqualTo(model[nr].length);
        if (step % 25 == 0) {
          assertThat(Arrays.equals(content(files.get(nr)), model[nr])).isTrue();
          volume.sync();
        }
      }
      for (int i = 0; i < FILES; i++) {
        assertThat(Arrays.mismatch(content(files.get(i)), model[i])).isEqualTo(-1);
        files.get(i).close();
      }
    }
    try (Ext4 volume = Ext4.open(FileDevice.openReadOnly(image))) {
      for (int i = 0; i < FILES; i++) {
        try (OpenFile file = node(volume, i).open()) {
          assertThat(Arrays.mismatch(content(file), model[i])).isEqualTo(-1);
        }
      }
    }
  }

  private static byte[] step(WritableFile file, byte[] before, Random random, boolean isIndirect)
      throws IOException {
    int offset = random.nextInt(Math.min(MAX_BYTES, 2 << random.nextInt(22)));
    int length = 1 + random.nextInt(1 << random.nextInt(18));
    switch (random.nextInt(12)) {
      case 0 -> {
        int size = random.nextInt(4) == 0 ? random.nextInt(200) : offset;
        file.truncate(size);
        return Arrays.copyOf(before, size);
      }
      case 1 -> {
        return allocate(file, before, offset, length * 4, random, isIndirect);
      }
      case 2 -> {
        file.sync(random.nextBoolean());
        return before;
      }
      case 3 -> {
        byte[] added = bytes(random, length);
        assertThat(file.append(ByteBuffer.wrap(added))).isEqualTo(before.length);
        byte[] after = Arrays.copyOf(before, before.length + length);
        System.arraycopy(added, 0, after, before.length, length);
        return after;
      }
      default -> {
        byte[] written = bytes(random, length);
        file.write(offset, ByteBuffer.wrap(written));
        byte[] after = Arrays.copyOf(before, Math.max(before.length, offset + length));
        System.arraycopy(written, 0, after, offset, length);
        return after;
      }
    }
  }

  private static byte[] allocate(
      WritableFile file, byte[] before, int offset, int length, Random random, boolean isIndirect)
      throws IOException {
    AllocationMode mode =
        isIndirect ? AllocationMode.PUNCH_HOLE : MODES.get(random.nextInt(MODES.size()));
    file.allocate(offset, length, mode);
    boolean extend = mode == AllocationMode.EXTEND || mode == AllocationMode.ZERO_RANGE;
    byte[] after =
        extend ? Arrays.copyOf(before, Math.max(before.length, offset + length)) : before.clone();
    boolean isZeroed = mode != AllocationMode.EXTEND && mode != AllocationMode.KEEP_SIZE;
    if (isZeroed && offset < after.length) {
      Arrays.fill(after, offset, Math.min(after.length, offset + length), (byte) 0);
    }
    return after;
  }

  private static byte[] bytes(Random random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] content(OpenFile file) throws IOException {
    ByteBuffer content = ByteBuffer.allocate((int) file.size());
    file.read(0, content);
    return content.array();
  }

  @Test
  void aFullVolumeSaysSoToTheWriteThatFoundItFull() throws IOException {
    make("-b 1024 -O ^has_journal", "4M");
    try (Ext4 volume = open()) {
      try (WritableFile file = node(volume, 0).openForWriting()) {
        byte[] block = bytes(new Random(1), 100_000);
        long[] at = {0};
        assertThatThrownBy(
                () -> {
                  while (true) {
                    ByteBuffer source = ByteBuffer.wrap(block);
                    try {
                      file.write(at[0], source);
                    } finally {
                      at[0] += source.position();
                    }
                  }
                })
            .isInstanceOfSatisfying(
                FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
        assertThat(file.size()).isEqualTo(at[0]).isGreaterThan(3 << 20);
        file.truncate(10);
        file.write(10, ByteBuffer.wrap(block)); // what was freed is free at once
      }
    }
    requireClean();
  }

  @ParameterizedTest(name = "{0}: {2} bytes")
  @CsvSource(
      delimiter = '|',
      value = {
        "-b 1024 -O ^extent,^64bit | 16M | 17247252480",
        "-b 4096 -O ^extent,^64bit | 16M | 4402345721856",
        "-b 4096 | 16M | 17592186040320",
        "-b 65536 | 200M | 281474976645120",
      })
  void aFileBecomesNoLongerThanItsMapCanSay(String options, String size, long most)
      throws IOException {
    make(options, size);
    try (Ext4 volume = open()) {
      try (WritableFile file = node(volume, 0).openForWriting()) {
        file.write(most / 3, ByteBuffer.wrap(new byte[] {4, 5}));
        file.write(most - 3, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(file.size()).isEqualTo(most);
        ByteBuffer source = ByteBuffer.wrap(new byte[10]);
        assertThatThrownBy(() -> file.write(most - 2, source)).hasMessageContaining("EFBIG");
        assertThat(source.position()).isEqualTo(2);
        assertThatThrownBy(() -> file.write(most, source)).hasMessageContaining("EFBIG");
        assertThatThrownBy(() -> file.append(source)).hasMessageContaining("EFBIG");
        assertThatThrownBy(() -> file.truncate(most + 1)).hasMessageContaining("EFBIG");
        ByteBuffer read = ByteBuffer.allocate(2);
        file.read(most / 3, read);
        assertThat(read.array()).containsExactly(4, 5);
      }
    }
    requireClean();
  }
}
