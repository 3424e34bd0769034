package io.lamina.ext4.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IndirectMapEditorTest {
  private static final int BLOCK_BYTES = 1024;
  private static final int PER_BLOCK = BLOCK_BYTES / 4;
  private static final Geometry GEOMETRY =
      new Geometry(BLOCK_BYTES, 0xffff_ffffL, 1, 1, 8192, 1 << 20, 1 << 20, 16, 256, 64);

  private final MemoryBlocks blocks = new MemoryBlocks(BLOCK_BYTES);
  private final ByteBuffer inode = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
  private final IndirectMapEditor editor =
      new IndirectMapEditor(inode, GEOMETRY, blocks, new Site("inode", 12, 0));

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("lamina.seeds", 12));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void behavesLikeAMapOfBlocks(long seed) throws IOException {
    Random random = new Random(seed);
    NavigableMap<Long, Long> model = new TreeMap<>();
    long[] places = {
      0, 8, 12, 12 + PER_BLOCK - 3, 12 + PER_BLOCK * (PER_BLOCK + 1L) - 3, 1 << 20, 14_000_000
    };
    for (int step = 0; step < 300; step++) {
      long from = places[random.nextInt(places.length)] + random.nextInt(40);
      long to = from + 1 + random.nextInt(1 + random.nextInt(600));
      if (random.nextInt(6) == 0) {
        remove(model, from, to, 1 + random.nextInt(5));
      } else {
        insert(model, from, to, random);
      }
      if (step % 20 == 0) {
        assertThat(contents()).isEqualTo(model);
      }
    }
    assertThat(contents()).isEqualTo(model);
    remove(model, 0, IndirectMapEditor.maxFileBlocks(BLOCK_BYTES), 7);
    assertThat(blocks.inUse()).isEmpty();
    assertThat(contents()).isEmpty();
  }

  private void insert(NavigableMap<Long, Long> model, long from, long to, Random random)
      throws IOException {
    long end = from;
    while (end < to && !model.containsKey(end)) {
      end++;
    }
    long blockNr = 2L + random.nextInt(1 << 20);
    for (long nr = from; nr < end; ) {
      int count = editor.insert(nr, blockNr, (int) (end - nr));
      assertThat(count).isPositive();
      for (int i = 0; i < count; i++) {
        model.put(nr + i, blockNr + i);
      }
      nr += count;
      blockNr += count;
    }
  }

  private void remove(NavigableMap<Long, Long> model, long from, long to, int maxExtents)
      throws IOException {
    List<Extent> removed = editor.remove(from, to, maxExtents);
    while (!removed.isEmpty()) {
      assertThat(removed.size()).isLessThanOrEqualTo(maxExtents);
      for (Extent extent : removed) {
        for (int i = 0; i < extent.blockCount(); i++) {
          assertThat(model.remove(extent.fileBlockNr() + i)).isEqualTo(extent.blockNr() + i);
        }
      }
      removed = editor.remove(from, to, maxExtents);
    }
    assertThat(model.subMap(from, to)).isEmpty();
  }

  private NavigableMap<Long, Long> contents() {
    NavigableMap<Long, Long> found = new TreeMap<>();
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 12; i++) {
      add(found, i, number(inode, RawInode.BLOCK_OFFSET, i));
    }
    long base = 12;
    long span = PER_BLOCK;
    for (int level = 1; level <= 3; level++) {
      walk(number(inode, RawInode.BLOCK_OFFSET, 11 + level), level, base, span, found, seen);
      base += span;
      span *= PER_BLOCK;
    }
    assertThat(seen).isEqualTo(blocks.inUse());
    return found;
  }

  private void walk(
      long nodeNr,
      int level,
      long base,
      long span,
      NavigableMap<Long, Long> found,
      Set<Long> seen) {
    if (nodeNr == 0) {
      return;
    }
    assertThat(seen.add(nodeNr)).isTrue();
    long below = span / PER_BLOCK;
    for (int i = 0; i < PER_BLOCK; i++) {
      long child = number(blocks.get(nodeNr), 0, i);
      if (level == 1) {
        add(found, base + i, child);
      } else {
        walk(child, level - 1, base + i * below, below, found, seen);
      }
    }
  }

  private static void add(NavigableMap<Long, Long> found, long nr, long blockNr) {
    if (blockNr != 0) {
      found.put(nr, blockNr);
    }
  }

  private static long number(ByteBuffer numbers, int base, int index) {
    return numbers.getInt(base + index * 4) & 0xffff_ffffL;
  }
}
