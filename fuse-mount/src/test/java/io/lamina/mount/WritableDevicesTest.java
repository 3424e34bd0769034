package io.lamina.mount;

import static io.lamina.mount.TestPool.BLOCK_BYTES;
import static io.lamina.mount.TestPool.sh;
import static io.lamina.mount.TestPool.usedBlocks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.fuse.Fuse;
import io.lamina.fuse.Unmounting;
import io.lamina.images.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes as block devices that one can write to, used as the host's programs use those. */
class WritableDevicesTest {
  private static final long DATA_BYTES = 512L << 20;
  private static final long VOLUME_BYTES = 256L << 20;
  private static final boolean IS_ROOT = System.getProperty("user.name").equals("root");

  @TempDir Path temp;
  private TestPool pool;
  private String loop = "";

  @BeforeEach
  void makePool() throws IOException {
    Fuse.assumeWorks();
    pool = TestPool.create(temp, DATA_BYTES, VOLUME_BYTES, "a", "b");
  }

  @AfterEach
  void thinCheckFindsNothing() throws Exception {
    if (!loop.isEmpty()) {
      Fuse.run(temp, "losetup", "-d", loop); // where a test failed before it did
    }
    pool.thinCheck();
  }

  private void mounted(TestPool.Use use) throws Exception {
    pool.mounted(use);
  }

  @Test
  void aFileSystemIsMadeAndShown() throws Exception {
    TestPool.assumePrograms("mkfs.ext4", "e2fsck");
    mounted(
        fuse -> {
          assertThat(sh(fuse, "cat volumes/a/.lamina-error")).contains("no file system");
          assertThat(sh(fuse, "mkfs.ext4 -q devices/a && e2fsck -fn devices/a >&2 && echo clean"))
              .endsWith("clean\n");
          awaitFiles(fuse);
          assertThat(usedBlocks(fuse)).isBetween(1L, 200L);
        });
    mounted(fuse -> assertThat(sh(fuse, "ls volumes/a")).isEqualTo("lost+found\n"));
  }

  /** The kernel tells of the end of who wrote to the device when it comes to that. */
  private static void awaitFiles(Fuse fuse) throws Exception {
    Await.until("files of the volume", () -> sh(fuse, "ls volumes/a").equals("lost+found\n"));
  }

  @Test
  void whatIsWrittenIsReadAtOnceAndAfterwards() throws Exception {
    byte[] image = new byte[3_000_123];
    new Random(1).nextBytes(image);
    Path file = Files.write(temp.resolve("image"), image);
    String copy = "dd status=none bs=4567 seek=11 conv=notrunc if=" + file + " of=devices/";
    String compare =
        "cmp -n " + image.length + " -i 0:" + 4567 * 11 + " " + file + " devices/a && echo same";
    mounted(
        fuse -> {
          sh(fuse, copy + "a & " + copy + "b; wait");
          assertThat(sh(fuse, compare)).isEqualTo("same\n");
          assertThat(sh(fuse, "cmp devices/a devices/b && echo same")).isEqualTo("same\n");
        });
    mounted(fuse -> assertThat(sh(fuse, compare)).isEqualTo("same\n"));
  }

  @Test
  void aPunchedHoleGivesWholeBlocksBackAndZeroesTheRest() throws Exception {
    String write = "tr '\\0' x < /dev/zero | head -c 1048576 | dd status=none of=devices/a";
    String readAll = "head -c 1048576 devices/a | tr -d '\\0' | wc -c";
    mounted(
        fuse -> {
          sh(fuse, write);
          assertThat(usedBlocks(fuse)).isEqualTo(16);
          sh(fuse, "fallocate -p -o 1000 -l 200000 devices/a");
          assertThat(usedBlocks(fuse)).isEqualTo(14);
          assertThat(sh(fuse, readAll)).isEqualTo(1048576 - 200000 + "\n");
          assertThat(sh(fuse, "stat -c %b devices/a")).isEqualTo(14 * BLOCK_BYTES / 512 + "\n");
          sh(fuse, "fallocate -z -o 500000 -l 100 devices/a");
          assertThat(sh(fuse, readAll)).isEqualTo(1048576 - 200100 + "\n");
        });
  }

  @Test
  void itsLengthIsFixed() throws Exception {
    mounted(
        fuse -> {
          assertThat(sh(fuse, "truncate -s 1 devices/a")).contains("Invalid argument");
          assertThat(sh(fuse, "truncate -s " + VOLUME_BYTES + " devices/a; echo x > devices/a"))
              .isEmpty();
          assertThat(sh(fuse, "stat -c %s devices/a")).isEqualTo(VOLUME_BYTES + "\n");
          assertThat(sh(fuse, "echo x | dd bs=1 seek=" + VOLUME_BYTES + " of=devices/a"))
              .contains("No space left");
        });
  }

  @Test
  void aFullPoolSaysSoToTheWriteAndGoesOnAfterADiscard() throws Exception {
    mounted(
        fuse -> {
          sh(fuse, "dd if=/dev/zero of=devices/a bs=1M conv=fsync status=none count=256");
          assertThat(sh(fuse, "head -c 300M /dev/zero | dd of=devices/b bs=1M")).contains("space");
          assertThat(usedBlocks(fuse)).isEqualTo(DATA_BYTES / BLOCK_BYTES);
          assertThat(sh(fuse, "fallocate -p -o 0 -l 100M devices/a; sync devices/a")).isEmpty();
          assertThat(usedBlocks(fuse)).isEqualTo((DATA_BYTES - (100 << 20)) / BLOCK_BYTES);
        });
  }

  @Test
  void aVolumeIsChangedThroughItsFilesOrItsDevice() throws Exception {
    TestPool.assumePrograms("mkfs.ext4", "e2fsck");
    mounted(
        fuse -> {
          sh(fuse, "mkfs.ext4 -q -d /bin/true devices/a || mkfs.ext4 -q devices/a");
          assertThat(sh(fuse, "exec 3<>devices/a; ls volumes/a")).contains("busy");
          awaitFiles(fuse);
          assertThat(sh(fuse, "cd volumes/a && ls && echo x | dd conv=notrunc of=../../devices/a"))
              .contains("lost+found")
              .contains("2 bytes"); // who only stands there is no user
        });
  }

  @Test
  void aLoopDeviceOverAVolumeGivesBackWhatIsDeletedInIt() throws Exception {
    assumeTrue(IS_ROOT, "only root can attach loop devices");
    assumeTrue(Files.exists(Path.of("/dev/loop-control")), "no loop devices here");
    TestPool.assumePrograms("mkfs.ext4", "fstrim");
    Path inside = Files.createDirectory(temp.resolve("inside"));
    mounted(
        fuse -> {
          sh(fuse, "mkfs.ext4 -q -E lazy_itable_init=0 devices/a");
          loop = sh(fuse, "losetup -f --show devices/a").strip();
          assumeTrue(loop.startsWith("/dev/loop"), loop);
          try {
            assumeTrue(sh(fuse, "mount -o discard " + loop + " " + inside).isEmpty(), "no mount");
            sh(fuse, "fstrim " + inside);
            long empty = usedBlocks(fuse);
            sh(fuse, "head -c 50M /dev/urandom > " + inside + "/f; sync -f " + inside);
            assertThat(usedBlocks(fuse)).isGreaterThan(empty + 799);
            sh(fuse, "rm " + inside + "/f; sync -f " + inside + "; fstrim " + inside);
            assertThat(usedBlocks(fuse)).isLessThan(empty + 10);
          } finally {
            sh(fuse, "umount " + inside + "; losetup -d " + loop);
            Await.until("no loop device", () -> sh(fuse, "losetup -j devices/a").isEmpty());
            loop = "";
          }
          assertThat(sh(fuse, "e2fsck -fn devices/a >&2; echo $?")).endsWith("\n0\n");
        });
  }

  @Test
  void whatWasFsyncedIsThereAfterTheProcessWasKilled() throws Exception {
    Path directory = Files.createDirectory(temp.resolve("mnt"));
    try (ServingProcess serving = ServingProcess.of(pool.directory(), directory)) {
      Fuse.run(directory, "sh", "-c", "echo kept | dd of=devices/a conv=fsync,notrunc");
      Fuse.run(directory, "sh", "-c", "echo perhaps | dd of=devices/b conv=notrunc");
      serving.process.destroyForcibly();
      serving.exitCode();
    } finally {
      Unmounting.detach(directory);
    }
    mounted(fuse -> assertThat(sh(fuse, "head -c 4 devices/a")).isEqualTo("kept"));
  }

  @Test
  void aSignalKeepsWhatWasWrittenThoughADeviceIsStillOpen() throws Exception {
    Path directory = Files.createDirectory(temp.resolve("mnt"));
    try (ServingProcess serving = ServingProcess.of(pool.directory(), directory)) {
      Process user =
          new ProcessBuilder("sh", "-c", "exec 3<>devices/a; echo kept >&3; echo written; read end")
              .redirectErrorStream(true)
              .directory(directory.toFile())
              .start();
      assertThat(user.inputReader(StandardCharsets.US_ASCII).readLine()).isEqualTo("written");
      serving.process.destroy();
      assertThat(serving.exitCode()).isZero();
      user.destroyForcibly();
    }
    mounted(fuse -> assertThat(sh(fuse, "head -c 4 devices/a")).isEqualTo("kept"));
  }
}
