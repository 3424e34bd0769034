package io.lamina.layer.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.images.Fixture;
import io.lamina.images.HostTool;
import io.lamina.layer.NewStore;
import io.lamina.layer.WritableRoot;
import io.lamina.thin.WriteOptions;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A load that ends early leaves nothing by half, wherever it was. */
class InterruptedLoadTest {
  @TempDir Path scratch;

  /** An archive whose disk fails after some bytes of layers. */
  private static final class FailingFiles extends ArchiveFiles {
    private final ArchiveFiles files;
    private long bytesLeft;

    FailingFiles(ArchiveFiles files, long bytesLeft) {
      this.files = files;
      this.bytesLeft = bytesLeft;
    }

    @Override
    Optional<ArchiveFile> find(String name) throws IOException {
      return files.find(name).map(Failing::new);
    }

    @Override
    List<String> directories() throws IOException {
      return files.directories();
    }

    @Override
    public void close() throws IOException {
      files.close();
    }

    private final class Failing implements ArchiveFile {
      private final ArchiveFile file;

      Failing(ArchiveFile file) {
        this.file = file;
      }

      @Override
      public long size() {
        return file.size();
      }

      @Override
      public InputStream open() throws IOException {
        return new FilterInputStream(file.open()) {
          @Override
          public int read(byte[] target, int from, int length) throws IOException {
            if (bytesLeft <= 0) {
              throw new IOException("the disk fails");
            }
            int count = super.read(target, from, (int) Math.min(length, bytesLeft));
            bytesLeft -= Math.max(0, count);
            return count;
          }
        };
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whereverTheArchiveEndsNothingIsThereAndItCanBeLoadedAgain(NewStore.Kind kind)
      throws IOException {
    assumeTrue(HostTool.exists("mkfs.ext4"), "mkfs.ext4 is not installed");
    Path root = scratch.resolve("store");
    NewStore.create(root, kind, new NewStore.Sizes(1 << 30, 256 << 20));
    Path archive = Fixture.DOCKER_AUFS.docker("save.tar");
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      for (long bytes = 20_000; bytes < Files.size(archive) - 300_000; bytes += 900_000) {
        try (ArchiveFiles files = new FailingFiles(ImageArchive.open(archive, scratch), bytes)) {
          assertThatThrownBy(() -> ImageLoad.load(opened, files, ImageProgress.NONE))
              .hasMessageContaining("the disk fails");
        }
        assertThat(opened.store().imageIds()).isEmpty();
        assertThat(opened.store().layers()).isEmpty();
      }
      try (ArchiveFiles files = ImageArchive.open(archive, scratch)) {
        assertThat(ImageLoad.load(opened, files, ImageProgress.NONE)).hasSize(3);
      }
    }
    try (Stream<Path> left = Files.list(root.resolve("lamina").resolve("unfinished"))) {
      assertThat(left).isEmpty();
    }
  }
}
