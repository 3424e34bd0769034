package io.lamina.thin.repair;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.images.Fixture;
import io.lamina.thin.check.CheckProgress;
import io.lamina.thin.check.PoolCheck;
import io.lamina.thin.restore.MetadataRestore;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SalvageTest {
  @TempDir Path directory;

  /** The pool has 8 devices with 5381 mappings. */
  @ParameterizedTest
  @CsvSource({
    "node-bitflip, 5132, 1",
    "cycle-self-all, 4437, 4",
    "data-block-out-of-range, 5380, 1",
    "details-missing-device, 5381, 0",
    "details-mapped-count-wrong, 5381, 0",
    "datasm-bitmap-bitflip, 5381, 0",
    "datasm-used-block-marked-free, 5381, 0"
  })
  void savesWhatCanBeReached(String image, long mappingCount, int lossCount) throws Exception {
    Path file = directory.resolve("metadata");
    List<Loss> losses = new ArrayList<>();
    try (BlockDevice damaged =
            FileDevice.openReadOnly(Fixture.DAMAGED_METADATA.file(image + ".img"));
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      Salvage.Saved saved =
          Salvage.run(
              damaged,
              KnownFacts.NONE,
              new MetadataRestore(channel, "metadata", 0),
              losses::add,
              note -> {});
      assertThat(saved).isEqualTo(new Salvage.Saved(8, mappingCount));
    }
    assertThat(losses).hasSize(lossCount);
    try (BlockDevice repaired = FileDevice.openReadOnly(file)) {
      assertThat(PoolCheck.run(repaired, -1, 10, CheckProgress.NONE).shown()).isEmpty();
    }
  }
}
