package io.lamina.thin.repair;

import io.lamina.block.BlockDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.persist.BlockManager;
import io.lamina.persist.space.SpaceMapRoot;
import io.lamina.thin.Superblock;
import io.lamina.thin.SuperblockBuilder;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes up for a superblock that is lost, of what the trees tell and what is known elsewhere. */
final class LostSuperblock {
  private static final int SECTOR_BYTES = 512;

  private final BlockDevice metadata;
  private final KnownFacts known;
  private final Consumer<String> notes;

  LostSuperblock(BlockDevice metadata, KnownFacts known, Consumer<String> notes) {
    this.metadata = metadata;
    this.known = known;
    this.notes = notes;
  }

  /**
   * A superblock with the roots of the latest trees that are found.
   *
   * @param damage what is wrong with the one on disk
   * @throws IOException when no trees are found, or the size of a data block is not known
   */
  Superblock find(CorruptException damage) throws IOException {
    notes.accept(damage.getMessage() + ": the roots are searched for in all blocks");
    Optional<Superblock> glimpse = Superblock.glimpse(metadata);
    int blockBytes =
        known.dataBlockBytes() != 0
            ? known.dataBlockBytes()
            : glimpse.map(Superblock::dataBlockBytes).orElse(0);
    if (blockBytes == 0) {
      throw new IOException(
          metadata.name()
              + ": the superblock is lost, and with it the size of a data block:"
              + " --block-size says it");
    }
    LostRoots lost = new LostRoots(metadata);
    List<LostRoots.Pair> pairs = lost.pairs();
    if (pairs.isEmpty()) {
      throw new IOException(metadata.name() + ": no device is found in any block");
    }
    LostRoots.Pair best = best(pairs, glimpse);
    LostRoots.Reach reach = lost.reach(best);
    Superblock found =
        new SuperblockBuilder(blockBytes / SECTOR_BYTES, metadata.size() / BlockManager.BLOCK_BYTES)
            .roots(best.mappingRoot(), best.detailsRoot())
            .time(reach.time())
            .transactionId(transactionId(best, glimpse))
            .spaceMaps(
                new SpaceMapRoot(dataBlockCount(reach, blockBytes, glimpse), 0, 0, 0),
                SpaceMapRoot.NONE)
            .build();
    tell(best, pairs.size() - 1, found);
    return found;
  }

  /** The latest sound pair, but for the one that the damaged superblock names. */
  private static LostRoots.Pair best(List<LostRoots.Pair> pairs, Optional<Superblock> glimpse) {
    for (LostRoots.Pair pair : pairs) {
      if (pair.isSound() && isNamedBy(pair, glimpse)) {
        return pair;
      }
    }
    return pairs.get(pairs.size() - 1);
  }

  private static boolean isNamedBy(LostRoots.Pair pair, Optional<Superblock> glimpse) {
    return glimpse
        .filter(
            seen ->
                seen.mappingRoot() == pair.mappingRoot()
                    && seen.detailsRoot() == pair.detailsRoot())
        .isPresent();
  }

  private long transactionId(LostRoots.Pair pair, Optional<Superblock> glimpse) {
    if (known.transactionId() != 0) {
      return known.transactionId();
    }
    return isNamedBy(pair, glimpse) ? glimpse.orElseThrow().transactionId() : pair.createdIn();
  }

  /** At least as many as are mapped. */
  private long dataBlockCount(LostRoots.Reach reach, int blockBytes, Optional<Superblock> glimpse) {
    long count =
        known.dataBytes() != 0
            ? known.dataBytes() / blockBytes
            : glimpse.map(seen -> seen.dataSpaceMap().blockCount()).orElse(0L);
    boolean isPlausible = count >= reach.dataBlockCount() && count <= Long.MAX_VALUE / blockBytes;
    return isPlausible ? count : reach.dataBlockCount();
  }

  private void tell(LostRoots.Pair best, int otherCount, Superblock found) {
    notes.accept(
        "found: devices at block "
            + best.mappingRoot()
            + ", their details at block "
            + best.detailsRoot()
            + ": "
            + best.deviceCount()
            + " devices, "
            + (best.isSound() ? "all" : best.soundCount())
            + " as their details say; "
            + otherCount
            + " earlier or lesser states were passed over");
    notes.accept(
        "assumed: transaction id "
            + found.transactionId()
            + ", "
            + found.dataSpaceMap().blockCount()
            + " data blocks of "
            + found.dataBlockBytes()
            + " bytes");
  }
}
