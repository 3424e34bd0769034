package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Owner;
import io.lamina.fs.TreeSpace;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What statfs tells of a volume in a pool: the smaller room of the two, and no less. */
class ThinSpaceTest {
  private static final int MIB = 1 << 20;

  @TempDir(factory = InMemory.class)
  Path directory;

  private ThinImages images(int poolMib, int volumeMib) throws IOException {
    return images(poolMib, volumeMib, "-m 0");
  }

  private ThinImages images(int poolMib, int volumeMib, String options) throws IOException {
    Tools.require("mke2fs", "e2fsck");
    Path image =
        E2fsprogs.mke2fs(directory.resolve("volume.img"), volumeMib + "M", "-t ext4 " + options);
    ThinImages images = new ThinImages(directory, (long) poolMib * MIB, (long) volumeMib * MIB);
    images.add(1, image);
    return images;
  }

  private static long poolFree(ThinImages images) throws IOException {
    var status = images.pool().status();
    return (status.dataBlockCount() - status.usedDataBlocks()) * ThinImages.BLOCK_BYTES;
  }

  private static long available(Ext4 volume) throws IOException {
    TreeSpace space = volume.space();
    assertThat(space.availableBlockCount()).isBetween(0L, space.freeBlockCount());
    return space.availableBlockCount() * space.blockBytes();
  }

  /** Writes a megabyte at a time until there is no room. */
  private static long fill(Ext4 volume) throws IOException {
    NewFile file = NewFile.regular(0644, new Owner(0, 0));
    long written = 0;
    try (WritableFile open = volume.root().create(Name.of("fill"), file).openForWriting()) {
      while (available(volume) >= MIB) {
        open.write(written, ByteBuffer.allocate(MIB));
        written += MIB;
      }
      long end = written;
      assertThatThrownBy(() -> open.write(end, ByteBuffer.allocate(4 * MIB)))
          .hasMessageContaining("ENOSPC");
    }
    return written;
  }

  @Test
  void inAPoolThatIsNearlyFullItIsThePoolsRoom() throws IOException {
    ThinImages images = images(48, 128);
    try (images;
        Ext4 volume = images.open(1)) {
      long before = available(volume);
      assertThat(before).isLessThanOrEqualTo(poolFree(images)).isGreaterThan(16 * MIB);
      assertThat(fill(volume)).isBetween(before - 4 * MIB, before);
      assertThat(available(volume)).isLessThan(4 * MIB);
      volume.root().unlink(Name.of("fill"));
      volume.sync();
      assertThat(available(volume)).isBetween(before - MIB, before);
    }
    images.check(1, directory.resolve("volume.img"));
  }

  @Test
  void whatAFileSystemKeepsForRootIsOfItsOwnRoomNotOfThePools() throws IOException {
    ThinImages images = images(64, 256, "-m 50");
    try (images;
        Ext4 volume = images.open(1)) {
      assertThat(available(volume)).isBetween(32L * MIB, poolFree(images));
    }
  }

  /** What is written over, a snapshot has, too. */
  @Test
  void aPoolThatIsFullOfSharedContentCanStillDelete() throws IOException {
    ThinImages images = images(64, 128);
    NewFile file = NewFile.regular(0644, new Owner(0, 0));
    try (images) {
      try (Ext4 volume = images.open(1)) {
        try (WritableFile open = volume.root().create(Name.of("f"), file).openForWriting()) {
          open.write(0, ByteBuffer.allocate(32 * MIB));
        }
        for (int i = 0; i < 200; i++) {
          volume.root().create(Name.of("n" + i), file);
        }
      }
      images.pool().createSnapshot(2, 1);
      try (Ext4 volume = images.open(1)) {
        try (WritableFile open = volume.root().child(Name.of("f")).openForWriting()) {
          assertThatThrownBy(() -> writeOver(open)).hasMessageContaining("ENOSPC");
        }
        volume.sync();
        for (int i = 0; i < 200; i++) {
          volume.root().unlink(Name.of("n" + i));
        }
        volume.root().unlink(Name.of("f"));
        volume.sync();
        assertThat(volume.isWritable()).isTrue();
      }
    }
    images.check(1, directory.resolve("volume.img"));
    images.check(2, directory.resolve("volume.img"));
  }

  private static void writeOver(WritableFile file) throws IOException {
    for (long at = 0; at < 32L * MIB; at += ThinImages.BLOCK_BYTES) {
      file.write(at, ByteBuffer.allocate(4096).put(0, (byte) 1));
    }
  }

  @Test
  void inAPoolWithRoomItIsTheFileSystemsOwn() throws IOException {
    ThinImages images = images(256, 48);
    try (images;
        Ext4 volume = images.open(1)) {
      long before = available(volume);
      assertThat(before).isBetween(24L * MIB, 48L * MIB);
      assertThat(fill(volume)).isBetween(before - 2 * MIB, before);
      assertThat(poolFree(images)).isGreaterThan(128 * MIB);
    }
    images.check(1, directory.resolve("volume.img"));
  }
}
