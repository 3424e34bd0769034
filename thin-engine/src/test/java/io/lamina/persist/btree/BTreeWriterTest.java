package io.lamina.persist.btree;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.MemoryDevice;
import io.lamina.persist.BlockManager;
import io.lamina.persist.TransactionManager;
import io.lamina.persist.space.CountingSpaceMap;
import io.lamina.persist.space.StoredSpaceMap;
import io.lamina.persist.space.VirginMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BTreeWriterTest {
  private static final int BLOCK_COUNT = 4000;

  private final CountingSpaceMap counts;
  private final TransactionManager transaction;
  private final BTreeWriter writer;
  private final BTree tree;

  BTreeWriterTest() throws IOException {
    MemoryDevice device =
        new MemoryDevice(new byte[BLOCK_COUNT * BlockManager.BLOCK_BYTES], "metadata");
    BlockManager blocks = new BlockManager(device, 1 << 20);
    counts =
        new CountingSpaceMap(
            StoredSpaceMap.ofMetadata(blocks, VirginMap.write(device, BLOCK_COUNT)), "blocks");
    transaction = new TransactionManager(blocks, device, counts);
    writer = new BTreeWriter(transaction, Long.BYTES, ValueReferences.NONE);
    tree = new BTree(transaction, Long.BYTES, "test");
  }

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("lamina.seeds", 5));
  }

  private static byte[] bytes(long value) {
    byte[] bytes = new byte[Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    return bytes;
  }

  private Map<Long, Long> content(long root) throws IOException {
    Map<Long, Long> content = new TreeMap<>(Long::compareUnsigned);
    Leaf leaf = tree.leaf(root, 0);
    while (true) {
      Node node = leaf.node();
      for (int i = 0; node != null && i < node.entryCount(); i++) {
        content.put(node.key(i), node.longValue(i));
      }
      if (leaf.isLast()) {
        return content;
      }
      leaf = tree.leaf(root, leaf.lastKey() + 1);
    }
  }

  private void checkShape(long blockNr, boolean isRoot) throws IOException {
    Node node = transaction.read(blockNr, Node.TYPE);
    if (!isRoot) {
      assertThat(node.entryCount()).isGreaterThanOrEqualTo(node.maxEntries() / 3);
    }
    for (int i = 0; node.isInternal() && i < node.entryCount(); i++) {
      checkShape(node.longValue(i), false);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void behavesLikeATreeMap(long seed) throws Exception {
    Random random = new Random(seed);
    Map<Long, Long> model = new TreeMap<>(Long::compareUnsigned);
    int range = random.nextBoolean() ? 5_000 : 100_000;
    long root = writer.create();
    for (int i = 0; i < 40_000; i++) {
      long key = random.nextInt(range);
      boolean growing = i / 10_000 % 2 == 0;
      if (random.nextInt(10) < (growing ? 8 : 2)) {
        root = writer.insert(root, key, bytes(i));
        model.put(key, (long) i);
      } else {
        root = writer.remove(root, key);
        model.remove(key);
      }
    }
    assertThat(content(root)).isEqualTo(model);
    checkShape(root, true);
    long before = counts.allocatedCount();
    writer.release(root);
    assertThat(counts.allocatedCount()).isLessThan(before).isEqualTo(4);
  }

  @Test
  void aSharedTreeStaysAsItIsWhileItsCopyChanges() throws Exception {
    long root = writer.create();
    for (long key = 0; key < 2000; key++) {
      root = writer.insert(root, key, bytes(key));
    }
    Map<Long, Long> before = content(root);
    counts.increment(root);
    long copy = root;
    for (long key = 0; key < 2000; key += 3) {
      copy = writer.remove(copy, key);
    }
    assertThat(content(root)).isEqualTo(before);
    assertThat(content(copy)).hasSize(2000 - 667);
    writer.release(root);
    assertThat(content(copy)).hasSize(2000 - 667);
    writer.release(copy);
    assertThat(counts.allocatedCount()).isEqualTo(4);
  }

  @Test
  void aTreeThatIsReleasedInPartsLeavesNothingBehind() throws Exception {
    long root = writer.create();
    for (long key = 0; key < 100_000; key++) {
      root = writer.insert(root, key, bytes(key));
    }
    long dropped = writer.takeGrowth() - 100_000;
    while (tree.lastKey(root).isPresent()) {
      root = writer.releaseLast(root);
      checkShape(root, true);
      dropped -= writer.takeGrowth();
    }
    assertThat(dropped).isEqualTo(100_000);
    assertThat(counts.allocatedCount()).isEqualTo(5);
  }
}
