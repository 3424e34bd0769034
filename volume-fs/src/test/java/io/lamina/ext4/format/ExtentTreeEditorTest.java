package io.lamina.ext4.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExtentTreeEditorTest {
  private static final int BLOCK_BYTES = 1024;
  private static final int SEED = 77;
  private static final Geometry GEOMETRY =
      new Geometry(BLOCK_BYTES, 1L << 40, 1, 1, 8192, 1 << 20, 1 << 20, 16, 256, 64);
  private static final Checksums CHECKSUMS = checksums();
  private static final Site SITE = new Site("extent block of inode", 12, 0);

  private final MemoryBlocks blocks = new MemoryBlocks(BLOCK_BYTES);
  private final ByteBuffer inode = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
  private final ExtentTreeEditor editor = new ExtentTreeEditor(inode, blocks);

  private static Checksums checksums() {
    ByteBuffer bytes = ByteBuffer.allocate(Superblock.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0x64, Feature.METADATA_CSUM.bit());
    return new Checksums(Superblock.unchecked(bytes));
  }

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("lamina.seeds", 12));
  }

  ExtentTreeEditorTest() {
    ExtentTreeEditor.start(inode);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void behavesLikeAMapOfBlocks(long seed) throws IOException {
    Random random = new Random(seed);
    NavigableMap<Long, Extent> model = new TreeMap<>();
    int span = 50 << random.nextInt(9);
    for (int step = 0; step < 600; step++) {
      long from = random.nextInt(span);
      long to = from + 1 + random.nextInt(1 + random.nextInt(40));
      switch (random.nextInt(8)) {
        case 0 -> remove(model, from, to, 1 + random.nextInt(5));
        case 1 -> setInitialised(model, from);
        default -> insert(model, from, to, random);
      }
      if (step % 20 == 0) {
        assertThat(contents()).isEqualTo(model);
      }
    }
    assertThat(contents()).isEqualTo(model);
    remove(model, 0, Extent.MAX_FILE_BLOCKS, 7);
    assertThat(blocks.inUse()).isEmpty();
    assertThat(contents()).isEmpty();
  }

  private void insert(NavigableMap<Long, Extent> model, long from, long to, Random random)
      throws IOException {
    long end = from;
    while (end < to && !model.containsKey(end)) {
      end++;
    }
    if (end > from) {
      // Often next to what is there already, so that extents join.
      Map.Entry<Long, Extent> before = model.floorEntry(from);
      boolean follows = before != null && random.nextBoolean();
      long blockNr =
          follows
              ? before.getValue().blockNr() + from - before.getKey()
              : 2 + random.nextInt(1 << 20) * 4096L;
      Extent extent = new Extent(from, blockNr, (int) (end - from), random.nextInt(3) > 0);
      editor.insert(extent);
      for (long nr = from; nr < end; nr++) {
        model.put(nr, extent.part(nr, nr + 1));
      }
    }
  }

  private void remove(NavigableMap<Long, Extent> model, long from, long to, int maxExtents)
      throws IOException {
    List<Extent> removed = editor.remove(from, to, maxExtents);
    while (!removed.isEmpty()) {
      assertThat(removed.size()).isLessThanOrEqualTo(maxExtents);
      for (Extent extent : removed) {
        for (long nr = extent.fileBlockNr(); nr < extent.end(); nr++) {
          assertThat(model.remove(nr)).isEqualTo(extent.part(nr, nr + 1));
        }
      }
      removed = editor.remove(from, to, maxExtents);
    }
    assertThat(model.subMap(from, to)).isEmpty();
  }

  private void setInitialised(NavigableMap<Long, Extent> model, long from) throws IOException {
    Extent first = model.get(from);
    if (first != null && !first.initialised()) {
      long end = from + 1;
      while (model.containsKey(end) && first.joins(model.get(end)) && end < from + 4) {
        first = first.joined(model.get(end));
        end++;
      }
      editor.setInitialised(from, end);
      for (long nr = from; nr < end; nr++) {
        model.put(nr, model.get(nr).written());
      }
    }
  }

  @Test
  void aFileWrittenForwardsHasFullNodes() throws IOException {
    for (long nr = 0; nr < 10_000; nr++) {
      editor.insert(new Extent(nr * 2, 10 + nr * 5, 1, true));
    }
    assertThat(contents()).hasSize(10_000);
    int perLeaf = (BLOCK_BYTES - 16) / 12;
    assertThat(blocks.inUse().size()).isLessThan(10_000 / (perLeaf - 2) + 5);
  }

  @Test
  void extentsAreAsLongAsTheyCanBe() throws IOException {
    long half = Extent.MAX_INITIALISED / 2;
    for (int i = 0; i < 5; i++) {
      editor.insert(new Extent(i * half, 1000 + i * half, (int) half, true));
    }
    assertThat(extents())
        .containsExactly(
            new Extent(0, 1000, Extent.MAX_INITIALISED, true),
            new Extent(2 * half, 1000 + 2 * half, Extent.MAX_INITIALISED, true),
            new Extent(4 * half, 1000 + 4 * half, (int) half, true));
  }

  @Test
  void withoutABlockForAnotherNodeTheTreeStaysAsItIs() throws IOException {
    blocks.setRoomLeft(1);
    long nr = 0;
    try {
      for (; nr < 1000; nr++) {
        editor.insert(new Extent(nr * 2, 10 + nr * 5, 1, true));
      }
    } catch (FsException e) {
      assertThat(contents()).hasSize((int) nr);
    }
    long last = 2 * nr;
    assertThatThrownBy(() -> editor.insert(new Extent(last, 7, 1, true)))
        .isInstanceOf(FsException.class);
    assertThat(contents()).hasSize((int) nr);
  }

  @Test
  void blocksThatAreMappedAlreadyAreRefused() throws IOException {
    editor.insert(new Extent(10, 100, 10, true));
    assertThatThrownBy(() -> editor.insert(new Extent(5, 200, 6, true)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> editor.insert(new Extent(19, 200, 1, true)))
        .isInstanceOf(IllegalStateException.class);
  }

  private NavigableMap<Long, Extent> contents() throws IOException {
    NavigableMap<Long, Extent> found = new TreeMap<>();
    for (Extent extent : extents()) {
      for (long nr = extent.fileBlockNr(); nr < extent.end(); nr++) {
        found.put(nr, extent.part(nr, nr + 1));
      }
    }
    return found;
  }

  /** All extents, by a walk that verifies each node; nothing else is in use. */
  private List<Extent> extents() throws IOException {
    for (long blockNr : blocks.takeOpened()) {
      ExtentNode.inBlock(blocks.get(blockNr)).seal(CHECKSUMS, SEED);
    }
    List<Extent> found = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    walk(ExtentNode.root(new RawInode(inode), GEOMETRY, SITE), found, seen);
    assertThat(seen).isEqualTo(blocks.inUse());
    return found;
  }

  private void walk(ExtentNode node, List<Extent> found, Set<Long> seen) throws IOException {
    for (int i = 0; i < node.count(); i++) {
      if (node.isLeaf()) {
        found.add(
            new Extent(
                node.fileBlockNr(i), node.blockNr(i), node.blockCount(i), node.isInitialised(i)));
        continue;
      }
      assertThat(seen.add(node.childBlockNr(i))).isTrue();
      ExtentNode child = ExtentNode.inBlock(blocks.get(node.childBlockNr(i)));
      child.verify(CHECKSUMS, SEED, GEOMETRY, SITE);
      assertThat(child.depth()).isEqualTo(node.depth() - 1);
      assertThat(child.count()).isPositive();
      assertThat(child.fileBlockNr(0)).isEqualTo(node.fileBlockNr(i));
      walk(child, found, seen);
    }
  }
}
