package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.MemoryDevice;
import io.lamina.ext4.format.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was left undone is done by the next one who opens the volume. */
class OrphanTest {
  private static final int FIRST_INODE = 12;
  private static final int FILES = 6;
  private static final int FULL_FLUSHES = 10_000;

  @TempDir Path directory;
  private Path image;

  @BeforeEach
  void tools() {
    E2fsprogs.require("mke2fs", "e2fsck", "debugfs");
    image = directory.resolve("image");
  }

  /** A volume with some files of 20 blocks, which no directory names any more. */
  private byte[] made(String options) throws Exception {
    E2fsprogs.mke2fs(image, "12M", "-b 1024 " + options);
    Path content = Files.write(directory.resolve("content"), new byte[20 * 1024 + 1]);
    StringBuilder commands = new StringBuilder();
    for (int i = 0; i < FILES; i++) {
      commands.append("write ").append(content).append(" f").append(i).append('\n');
    }
    for (int i = 0; i < FILES - 1; i++) {
      commands.append("unlink f").append(i).append('\n');
    }
    E2fsprogs.debugfs(image, commands.toString());
    return Files.readAllBytes(image);
  }

  private static WritableInode orphan(Writing writing, long inodeNr) throws IOException {
    WritableInode inode = writing.live().acquire(inodeNr);
    try (Handle handle = writing.journal().start(8)) {
      inode.raw().setLinkCount(0);
      writing.orphans().add(handle, inode);
    }
    return inode;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ext4",
        "-t ext4 -O orphan_file",
        "-t ext4 -O ^metadata_csum",
        "-t ext4 -O ^has_journal",
        "-t ext3"
      })
  void filesWithoutNamesAreDeleted(String options) throws Exception {
    CrashingImage device = new CrashingImage(made(options), FULL_FLUSHES);
    Writing writing = Writing.begin(device, WriteOptions.DEFAULT).requireWriting();
    int first = options.contains("orphan_file") ? FIRST_INODE + 1 : FIRST_INODE;
    List<WritableInode> held = new ArrayList<>();
    for (int i = 0; i < FILES - 1; i++) {
      held.add(orphan(writing, first + i));
    }
    writing.live().release(held.get(2));
    writing.live().release(held.get(0));
    assertThat(held.get(0).isDeleted()).isTrue();
    writing.journal().sync();
    byte[] left = device.content();
    long free;
    try (Ext4 tree = Ext4.openWritable(new MemoryDevice(left, "left"), WriteOptions.DEFAULT)) {
      assertThat(tree.isWritable()).isTrue();
      free = tree.space().freeFileCount();
    }
    Files.write(image, left);
    E2fsprogs.run(List.of("e2fsck", "-fn", image.toString()), "", 0);
    String stat = E2fsprogs.run(List.of("dumpe2fs", "-h", image.toString()), "", 0);
    assertThat(stat).contains("Free inodes:              " + free).doesNotContain("orphan_present");
    assertThat(stat).doesNotContain("First orphan inode");
    assertThat(stat).doesNotContain("needs_recovery");
    writing.journal().abort(new IOException("the end of the test"));
  }

  @Test
  void anErrorIsRecordedAndStopsAllWriting() throws Exception {
    MemoryDevice device = new MemoryDevice(made("-t ext4"), "image");
    io.lamina.ext4.Files files = Writing.begin(device, WriteOptions.DEFAULT);
    Writing writing = files.requireWriting();
    try (Handle handle = writing.journal().start(8)) {
      handle.modify(5);
      writing.journal().abort(new IOException("broken"));
    }
    assertThatThrownBy(() -> writing.journal().start(1)).hasMessageContaining("EROFS");
    assertThatThrownBy(writing::close).hasMessageContaining("broken");
    byte[] content = new byte[(int) device.size()];
    device.read(0, java.nio.ByteBuffer.wrap(content));
    Files.write(image, content);
    String stat = E2fsprogs.run(List.of("dumpe2fs", "-h", image.toString()), "", 0);
    assertThat(stat).contains("clean with errors", "FS Error count:           1");
    assertThat(stat)
        .contains("First error function:     lamina")
        .contains("First error time:", "Last error time:", "Last error err:           EIO");
    try (Ext4 tree = Ext4.openWritable(new MemoryDevice(content, "image"), WriteOptions.DEFAULT)) {
      assertThat(tree.isWritable()).isTrue(); // as the kernel would, who says so in its log
    }
  }

  @Test
  void aDamageIsRecordedWithItsInodeAndBlock() throws Exception {
    MemoryDevice device = new MemoryDevice(made("-t ext4"), "image");
    Writing writing = Writing.begin(device, WriteOptions.DEFAULT).requireWriting();
    Site site = new Site("ext4 directory block of inode", 12, 345);
    writing.journal().abort(site.damage("rec_len", 12, 0));
    assertThatThrownBy(writing::close).hasMessageContaining("rec_len");
    byte[] content = new byte[(int) device.size()];
    device.read(0, java.nio.ByteBuffer.wrap(content));
    Files.write(image, content);
    String stat = E2fsprogs.run(List.of("dumpe2fs", "-h", image.toString()), "", 0);
    for (String which : new String[] {"First", "Last"}) {
      assertThat(stat)
          .containsPattern(which + " error time: +[A-Z]")
          .containsPattern(which + " error inode #: +12\n")
          .containsPattern(which + " error block #: +345\n")
          .containsPattern(which + " error err: +EFSCORRUPTED");
    }
    E2fsprogs.run(List.of("e2fsck", "-fy", image.toString()), "", 1); // clears the marks
    stat = E2fsprogs.run(List.of("dumpe2fs", "-h", image.toString()), "", 0);
    assertThat(stat).doesNotContain("with errors", "First error");
  }
}
