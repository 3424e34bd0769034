package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.FileDevice;
import io.lamina.block.HolePuncher;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.fs.AccessTimes;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is changed through handles is what e2fsck finds in order. */
class WritingTest {
  private static final int FIRST_FREE_INODE = 12;

  @TempDir Path directory;
  private Path image;

  @BeforeEach
  void tools() {
    E2fsprogs.require("mke2fs", "e2fsck", "debugfs");
    image = directory.resolve("image");
  }

  private Files open() throws Exception {
    return Writing.begin(FileDevice.openWritable(image, HolePuncher.NONE), WriteOptions.DEFAULT);
  }

  private static void close(Files files) throws Exception {
    files.requireWriting().close();
    files.volume().device().close();
  }

  private void check() throws Exception {
    E2fsprogs.run(java.util.List.of("e2fsck", "-fn", image.toString()), "", 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ext4",
        "-t ext4 -b 1024",
        "-t ext4 -O ^has_journal",
        "-t ext4 -O ^metadata_csum,uninit_bg",
        "-t ext4 -O ^64bit,^flex_bg",
        "-t ext4 -O meta_bg,^resize_inode",
        "-t ext4 -O bigalloc",
        "-t ext4 -O sparse_super2",
        "-t ext2",
        "-t ext3"
      })
  void whatIsAllocatedAndGivenBackLeavesNoTrace(String options) throws Exception {
    E2fsprogs.mke2fs(image, "64M", options);
    Files files = open();
    Writing writing = files.requireWriting();
    long free = writing.blocks().freeBlockCount();
    Run run;
    WritableInode inode;
    try (Handle handle = writing.journal().start(20, 100)) {
      run = writing.blocks().allocate(handle, 0, 100, handle.reservation());
      inode = writing.inodes().allocate(handle, InodeTable.ROOT, true);
      inode.store(handle);
    }
    writing.journal().sync();
    assertThat(run.blockCount()).isPositive();
    assertThat(writing.blocks().freeBlockCount()).isEqualTo(free - run.blockCount());
    try (Handle handle = writing.journal().start(20)) {
      writing.blocks().free(handle, run.blockNr(), run.blockCount(), false);
      inode.raw().setMode(0x41ed);
      writing.inodes().free(handle, inode);
      inode.raw().setMode(0);
      inode.store(handle);
    }
    close(files);
    assertThat(writing.blocks().freeBlockCount()).isEqualTo(free);
    check();
  }

  @Test
  void aFileMayGetBlocks() throws Exception {
    E2fsprogs.mke2fs(image, "64M", "-t ext4 -b 4096");
    E2fsprogs.debugfs(image, "write /dev/null file\n");
    Files files = open();
    Writing writing = files.requireWriting();
    WritableInode inode = writing.live().acquire(FIRST_FREE_INODE);
    try (Handle handle = writing.journal().start(20, 10)) {
      Run run = writing.blocks().allocate(handle, 0, 10, handle.reservation());
      ByteBuffer raw = inode.raw().bytes();
      assertThat(inode.raw().flags() & InodeFlags.EXTENTS).isNotZero();
      raw.putShort(0x28 + 2, (short) 1);
      raw.putInt(0x28 + 12, 0);
      raw.putShort(0x28 + 16, (short) run.blockCount());
      raw.putShort(0x28 + 18, (short) 0);
      raw.putInt(0x28 + 20, (int) run.blockNr());
      inode.raw().setSize(4096 * run.blockCount());
      inode.raw().setBlocks(8 * run.blockCount());
      inode.store(handle);
    }
    writing.live().release(inode);
    close(files);
    check();
  }

  @ParameterizedTest
  @CsvSource({"quota, -O quota", "casefold, -E encoding=utf8", "encrypt, -O encrypt"})
  void whatCannotBeKeptUpIsReadOnlyAndSaysWhy(String feature, String options) throws Exception {
    E2fsprogs.mke2fs(image, "16M", "-t ext4 " + options);
    byte[] before = java.nio.file.Files.readAllBytes(image);
    try (Ext4 tree =
        Ext4.openWritable(FileDevice.openWritable(image, HolePuncher.NONE), WriteOptions.DEFAULT)) {
      assertThat(tree.isWritable()).isFalse();
      assertThat(tree.readOnlyReason()).contains(feature);
    }
    assertThat(java.nio.file.Files.readAllBytes(image)).isEqualTo(before);
  }

  @Test
  void aFullPoolCanStillDelete() throws Exception {
    E2fsprogs.mke2fs(image, "32M", "-t ext4 -b 1024 -J size=1");
    CrashingImage device =
        new CrashingImage(java.nio.file.Files.readAllBytes(image), Integer.MAX_VALUE);
    Files files = Writing.begin(device, WriteOptions.DEFAULT);
    Writing writing = files.requireWriting();
    Run run;
    try (Handle handle = writing.journal().start(20, 600)) {
      run = writing.blocks().allocate(handle, 10_000, 600, handle.reservation());
    }
    writing.sync();
    JournalFile log = JournalFile.of(files);
    long first = log.blockNr(0) * 1024;
    device.fill(offset -> offset < first || offset >= first + (1 << 20));
    for (int i = 0; i < run.blockCount(); i++) {
      try (Handle handle = writing.journal().start(20)) {
        writing.blocks().free(handle, run.blockNr() + i, 1, false);
      }
      if (i % 8 == 0) {
        writing.journal().sync();
      }
    }
    device.fill(offset -> false);
    writing.close();
    java.nio.file.Files.write(image, device.content());
    check();
  }

  @Test
  void aLogThatCannotGrowStartsAnew() throws Exception {
    E2fsprogs.mke2fs(image, "32M", "-t ext4 -b 1024 -J size=4");
    CrashingImage device =
        new CrashingImage(java.nio.file.Files.readAllBytes(image), Integer.MAX_VALUE);
    try (Ext4 tree = Ext4.openWritable(device, WriteOptions.DEFAULT)) {
      JournalFile log = JournalFile.of(tree.files());
      long first = log.blockNr(200) * 1024;
      long end = log.blockNr(log.blockCount() - 1) * 1024;
      device.fill(offset -> offset >= first && offset <= end);
      for (int i = 0; i < 400; i++) {
        tree.root().create(Name.of("f" + i), NewFile.regular(0644, new Owner(0, 0)));
        if (i % 4 == 0) {
          tree.sync();
        }
      }
      assertThat(tree.isWritable()).isTrue();
    }
    java.nio.file.Files.write(image, device.content());
    check();
  }

  @Test
  void aLogOfVersionOneBecomesOneOfVersionTwo() throws Exception {
    E2fsprogs.mke2fs(image, "16M", "-t ext4 -O ^metadata_csum");
    long offset;
    try (Ext4 tree = Ext4.open(new FileImage(image))) {
      offset =
          JournalFile.of(tree.files()).blockNr(0) * tree.files().volume().geometry().blockBytes();
    }
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.seek(offset + 4);
      file.writeInt(3);
    }
    check();
    try (Ext4 tree =
        Ext4.openWritable(FileDevice.openWritable(image, HolePuncher.NONE), WriteOptions.DEFAULT)) {
      tree.root().create(Name.of("f"), NewFile.regular(0644, new Owner(0, 0)));
    }
    check();
    try (Ext4 tree =
        Ext4.openWritable(FileDevice.openWritable(image, HolePuncher.NONE), WriteOptions.DEFAULT)) {
      tree.root().unlink(Name.of("f"));
    }
    check();
  }

  @ParameterizedTest
  @ValueSource(strings = {"an unreadable table", "a damaged directory"})
  void anErrorInMetadataStopsTheVolumeAndIsRecorded(String what) throws Exception {
    E2fsprogs.mke2fs(image, "16M", "-t ext4 -b 4096");
    CrashingImage device =
        new CrashingImage(java.nio.file.Files.readAllBytes(image), Integer.MAX_VALUE);
    Ext4 tree = Ext4.openWritable(device, WriteOptions.DEFAULT);
    Ext4 other =
        Ext4.openWritable(FileDevice.openWritable(image, HolePuncher.NONE), WriteOptions.DEFAULT);
    Inode root = tree.files().inodes().inode(InodeTable.ROOT);
    long directory = BlockMap.of(tree.files().volume(), root).at(0).blockNr() * 4096;
    if (what.contains("damaged")) {
      device.write(directory, ByteBuffer.wrap(new byte[4096]));
    } else {
      device.breakAt(offset -> offset == directory);
    }
    assertThatThrownBy(
            () -> tree.root().create(Name.of("f"), NewFile.regular(0644, new Owner(0, 0))))
        .isInstanceOf(IOException.class);
    assertThat(tree.isWritable()).isFalse();
    other.root().create(Name.of("f"), NewFile.regular(0644, new Owner(0, 0)));
    other.close();
    assertThatThrownBy(tree::close).hasMessageContaining("not all was written");
    java.nio.file.Files.write(image, device.content());
    assertThat(Tools.run(0, "", "dumpe2fs", "-h", image.toString()))
        .containsPattern("Filesystem state: +clean with errors")
        .containsPattern("FS Error count: +1")
        .containsPattern("Last error function: +lamina");
  }

  @Test
  void readingSetsTheAccessTimeOnceADayAtTheMost() throws Exception {
    E2fsprogs.mke2fs(image, "16M", "-t ext4");
    Timestamp old = new Timestamp(1_000_000_000, 5);
    for (boolean keeps : new boolean[] {false, true}) {
      try (Ext4 tree =
          Ext4.openWritable(
              FileDevice.openWritable(image, HolePuncher.NONE), new WriteOptions(true, keeps))) {
        Node node = tree.root().child(Name.of("f"));
        if (node == null) {
          node = tree.root().create(Name.of("f"), NewFile.regular(0644, new Owner(0, 0)));
        }
        node.change(AttributeChange.NONE.withTimes(old, old));
        read(node);
        boolean isOld = node.attributes().accessTime().equals(old);
        assertThat(isOld).isEqualTo(!keeps);
        Timestamp first = node.attributes().accessTime();
        read(node);
        assertThat(node.attributes().accessTime()).isEqualTo(first);
      }
      check();
    }
  }

  @Test
  void whatIsReadOnItsOwnAccountKeepsItsAccessTimes() throws Exception {
    E2fsprogs.mke2fs(image, "16M", "-t ext4");
    Timestamp old = new Timestamp(1_000_000_000, 5);
    try (Ext4 tree =
        Ext4.openWritable(FileDevice.openWritable(image, HolePuncher.NONE), WriteOptions.DEFAULT)) {
      Owner root = new Owner(0, 0);
      Node file = tree.root().create(Name.of("f"), NewFile.regular(0644, root));
      Node link = tree.root().createSymlink(Name.of("l"), Name.of("f"), root);
      List<Node> nodes = List.of(tree.root(), file, link);
      for (Node node : nodes) {
        node.change(AttributeChange.NONE.withTimes(old, old));
      }
      AccessTimes.leave(() -> readAll(tree.root(), file, link));
      for (Node node : nodes) {
        assertThat(node.attributes().accessTime()).isEqualTo(old);
      }
      readAll(tree.root(), file, link);
      for (Node node : nodes) {
        assertThat(node.attributes().accessTime()).isNotEqualTo(old);
      }
    }
    check();
  }

  private static void readAll(Node directory, Node file, Node link) throws IOException {
    directory.list(0, (name, inodeNr, type, next) -> true);
    read(file);
    link.readLink();
  }

  private static void read(Node node) throws IOException {
    try (OpenFile file = node.open()) {
      file.read(0, ByteBuffer.allocate(10));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-t ext4", "-t ext4 -O orphan_file", "-t ext4 -O ^has_journal", "-t ext2"})
  void aVolumeThatIsOnlyLookedAtStaysAsItIs(String options) throws Exception {
    E2fsprogs.mke2fs(image, "16M", options);
    E2fsprogs.debugfs(image, "write /dev/null file\n");
    byte[] before = java.nio.file.Files.readAllBytes(image);
    try (Ext4 tree =
        Ext4.openWritable(FileDevice.openWritable(image, HolePuncher.NONE), WriteOptions.DEFAULT)) {
      assertThat(tree.root().child(Name.of("file"))).isNotNull();
      tree.sync();
    }
    assertThat(java.nio.file.Files.readAllBytes(image)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-t ext4", "-t ext4 -O ^has_journal"})
  void aVolumeIsInUseFromItsFirstChangeOn(String options) throws Exception {
    E2fsprogs.mke2fs(image, "16M", options);
    try (Ext4 tree =
        Ext4.openWritable(FileDevice.openWritable(image, HolePuncher.NONE), WriteOptions.DEFAULT)) {
      tree.root().create(Name.of("file"), NewFile.regular(0644, new Owner(0, 0)));
      tree.sync();
      assertThat(Tools.run(0, "", "dumpe2fs", "-h", image.toString()))
          .containsPattern("features:.* needs_recovery|Filesystem state: +not clean")
          .containsPattern("Mount count: +1");
    }
    check();
  }

  @Test
  void moreThanThereIsCannotBeReserved() throws Exception {
    E2fsprogs.mke2fs(image, "8M", "-t ext4");
    Files files = open();
    Writing writing = files.requireWriting();
    long free = writing.blocks().freeBlockCount();
    assertThatThrownBy(() -> writing.journal().start(1, free + 1))
        .isInstanceOfSatisfying(
            FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
    writing.journal().start(1, free).close();
    close(files);
    check();
  }
}
