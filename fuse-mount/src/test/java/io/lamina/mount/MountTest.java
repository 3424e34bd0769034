package io.lamina.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fuse.Fuse;
import io.lamina.fuse.Unmounting;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MountTest {
  private static final MountOptions PLAIN = MountOptions.parse(List.of());
  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    Fuse.assumeWorks();
    directory = Files.createTempDirectory("lamina-mount-test").toRealPath();
  }

  @AfterEach
  void leaveNothingMounted() throws IOException {
    if (MountTable.at(directory).isPresent()) {
      Unmounting.detach(directory);
    }
    Files.deleteIfExists(directory.resolve("file"));
    Files.deleteIfExists(directory);
  }

  @Test
  void unmountingWaitsUntilTheProcessHasEndedWell() throws Exception {
    try (ServingProcess serving = ServingProcess.at(directory)) {
      assertThat(Files.readString(directory.resolve("volumes/v1/file"))).isEqualTo("content\n");
      Unmount.at(directory, false);
      assertThat(serving.process.isAlive()).isFalse();
      assertThat(serving.exitCode()).isZero();
      assertThat(MountTable.at(directory)).isEmpty();
    }
  }

  @Test
  void aSignalUnmountsAndEndsWell() throws Exception {
    try (ServingProcess serving = ServingProcess.at(directory)) {
      serving.process.destroy();
      assertThat(serving.exitCode()).isZero();
      assertThat(MountTable.at(directory)).isEmpty();
    }
  }

  @Test
  void aSignalAtTheVeryBeginningLeavesNoMount() throws Exception {
    try (ServingProcess serving = ServingProcess.beginningAt(directory)) {
      serving.process.destroy();
      serving.process.getOutputStream().close();
      assertThat(serving.exitCode()).isZero();
      assertThat(MountTable.at(directory)).isEmpty();
    }
  }

  @Test
  void whatAKilledProcessLeftIsCleanedUp() throws Exception {
    try (ServingProcess serving = ServingProcess.at(directory)) {
      serving.process.destroyForcibly();
      serving.exitCode();
      assertThatThrownBy(() -> Mount.check(directory, PLAIN))
          .hasMessageContaining("first: lamina umount");
      Unmount.at(directory, false);
      assertThat(MountTable.at(directory)).isEmpty();
    }
  }

  @Test
  void aBusyMountStaysAndSaysWhoUsesIt() throws Exception {
    try (ServingProcess serving = ServingProcess.at(directory);
        BufferedReader open =
            Files.newBufferedReader(directory.resolve("volumes/v1/file"), StandardCharsets.UTF_8)) {
      String me = "(" + ProcessHandle.current().pid() + ")";
      assertThatThrownBy(() -> Unmount.at(directory, false))
          .hasMessageContaining("busy")
          .hasMessageContaining(me);
      assertThat(serving.process.isAlive()).isTrue();
      Unmount.at(directory, true);
      assertThat(MountTable.at(directory)).isEmpty();
      assertThat(open.readLine()).isEqualTo("content");
    }
  }

  @Test
  void aDirectoryThatIsMountedIsNotMountedAgain() throws Exception {
    try (ServingProcess serving = ServingProcess.at(directory)) {
      assertThat(serving.process.isAlive()).isTrue();
      assertThatThrownBy(() -> Mount.check(directory, PLAIN))
          .hasMessageContaining("life test is mounted there already");
      Unmount.at(directory, false);
    }
  }

  @Test
  void whatCannotBeMountedAtIsRefusedInOneLine() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> Mount.check(file, PLAIN)).hasMessageContaining("not a directory");
    assertThatThrownBy(() -> Mount.check(directory, PLAIN)).hasMessageContaining("not empty");
    Mount.check(directory, MountOptions.parse(List.of("nonempty")));
    assertThatThrownBy(() -> Mount.check(directory.resolve("none"), PLAIN))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Unmount.at(directory, false))
        .hasMessageContaining("nothing is mounted");
  }

  @Test
  void optionsThatAreNotKnownAreRefusedByName() {
    assertThatThrownBy(() -> MountOptions.parse(List.of("ro,blue")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'blue'");
    assertThatThrownBy(() -> MountOptions.parse(List.of("threads=0")))
        .hasMessageContaining("1 to 16");
    assertThat(MountOptions.parse(List.of("ro,allow_other", "unique_ino")).uniqueNumbers())
        .isTrue();
  }

  @Test
  void theTableOfMountsIsReadWithItsEscapes() {
    String line =
        "36 35 0:42 / /mnt/a\\040b rw,noatime shared:1 master:2 - fuse.lamina /srv/my\\040pool ro";
    assertThat(MountTable.parse(line + "\n"))
        .containsExactly(new MountTable.Entry("/mnt/a b", "fuse.lamina", "/srv/my pool"));
  }
}
