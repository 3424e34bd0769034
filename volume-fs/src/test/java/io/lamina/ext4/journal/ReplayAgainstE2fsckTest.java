package io.lamina.ext4.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.BlockDevice;
import io.lamina.ext4.FileImage;
import io.lamina.ext4.InMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Block for block what {@code e2fsck -E journal_only} makes of a dirty volume. */
class ReplayAgainstE2fsckTest {
  @TempDir(factory = InMemory.class)
  Path directory;

  static Stream<Arguments> journals() {
    String plain = "^metadata_csum,";
    return Stream.of(
        Arguments.of(1024, plain + "^64bit", "jo"),
        Arguments.of(1024, plain + "64bit", "jo"),
        Arguments.of(4096, plain + "^64bit", "jo"),
        Arguments.of(65536, plain + "64bit", "jo"),
        Arguments.of(1024, plain + "^64bit", "jo -c"),
        Arguments.of(4096, plain + "64bit", "jo -c"),
        Arguments.of(1024, "metadata_csum,^64bit", "jo -c -v 2"),
        Arguments.of(4096, "metadata_csum,64bit", "jo -c -v 2"),
        Arguments.of(1024, "metadata_csum,^64bit", "jo -c -v 3"),
        Arguments.of(2048, "metadata_csum,64bit", "jo -c -v 3"),
        Arguments.of(4096, "metadata_csum,64bit", "jo -c -v 3"),
        Arguments.of(1024, "metadata_csum,^64bit,^extent", "jo -c -v 3"));
  }

  @ParameterizedTest(name = "{0} bytes a block, {1}, {2}")
  @MethodSource("journals")
  void aDirtyVolumeReadsAsAfterItsReplay(int blockBytes, String features, String open)
      throws IOException {
    DirtyVolume volume = DirtyVolume.make(directory, blockBytes, features, new Random(1));
    List<Long> free = volume.freeBlocks;
    List<Long> some = free.subList(0, 12);
    int many = blockBytes > 4096 ? 20 : 700;
    List<String> transactions = new ArrayList<>();
    // In version 1, debugfs counts revoke blocks in, which e2fsck and the kernel do not.
    List<Long> revocable = open.equals("jo -c") ? List.of() : free.subList(0, 12);
    transactions.add(volume.transaction(some, List.of(), true));
    transactions.add(volume.transaction(free.subList(4, 6), first(revocable, 3), true));
    transactions.add(volume.transaction(free.subList(2, 4), List.of(), true)); // 2 lives again
    transactions.add(volume.transaction(free.subList(7, 9), last(revocable, 2), true));
    transactions.add(volume.transaction(free.subList(6, many), last(revocable, 4), true));
    transactions.add(volume.transaction(free.subList(3, 12), List.of(), false));
    volume.write(open, transactions);

    try (FileImage dirty = new FileImage(volume.image);
        FileImage expected = new FileImage(volume.replayedByE2fsck())) {
      LogMap log = volume.log();
      Replay replay = Replay.of(dirty, blockBytes, log);
      assertThat(replay.summary().transactionCount()).isEqualTo(5);
      assertThat(differingBlocks(replay.device(), expected, blockBytes))
          .isSubsetOf(1024L / blockBytes, log.blockNr(0)); // the two superblocks, updated by e2fsck
      assertThat(differingBlocks(dirty, expected, blockBytes).size()).isGreaterThan(8);
    }
  }

  private static List<Long> first(List<Long> blocks, int count) {
    return blocks.subList(0, Math.min(count, blocks.size()));
  }

  private static List<Long> last(List<Long> blocks, int count) {
    return blocks.subList(Math.max(0, blocks.size() - count), blocks.size());
  }

  static List<Long> differingBlocks(BlockDevice ours, BlockDevice theirs, int blockBytes)
      throws IOException {
    List<Long> differing = new ArrayList<>();
    ByteBuffer left = ByteBuffer.allocate(blockBytes);
    ByteBuffer right = ByteBuffer.allocate(blockBytes);
    for (long block = 0; block < theirs.size() / blockBytes; block++) {
      ours.read(block * blockBytes, left.clear());
      theirs.read(block * blockBytes, right.clear());
      if (!left.flip().equals(right.flip())) {
        differing.add(block);
      }
    }
    return differing;
  }
}
