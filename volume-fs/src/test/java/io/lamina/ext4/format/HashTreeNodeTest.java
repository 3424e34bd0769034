package io.lamina.ext4.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.ondisk.CorruptException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HashTreeNodeTest {
  private static final Site SITE = new Site("ext4 directory block of inode", 2, 9);

  private static ByteBuffer block() {
    return ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static HashTreeNode root() throws CorruptException {
    ByteBuffer bytes = block();
    DirectoryBlock.of(bytes, true, 100, SITE).startWithDots(2, 2, 2);
    HashTreeNode root = HashTreeNode.startRoot(bytes, 1, true, 1);
    root.checkRoot(1, SITE);
    root.check(true, SITE);
    return root;
  }

  @Test
  void childrenAreFoundByTheirHashesThroughSplitsAndGrowth() throws CorruptException {
    Random random = new Random(4);
    TreeMap<Integer, Long> model = new TreeMap<>(Integer::compareUnsigned);
    model.put(0, 1L);
    HashTreeNode root = root();
    for (long child = 2; !root.isFull(); child++) {
      int hash = random.nextInt() & ~1;
      if (!model.containsKey(hash)) {
        root.insertAfter(root.find(hash), hash, child);
        model.put(hash, child);
      }
    }
    HashTreeNode lower = HashTreeNode.startInBlock(block(), true);
    root.deepenInto(lower, 1000);
    assertThat(root.levels()).isEqualTo(1);
    assertThat(root.count()).isEqualTo(1);
    assertThat(root.fileBlockNr(0)).isEqualTo(1000);
    assertThat(lower.count()).isEqualTo(model.size());
    HashTreeNode upper = HashTreeNode.startInBlock(block(), true);
    int border = lower.splitInto(upper);
    root.insertAfter(0, border, 1001);
    root.check(true, SITE);
    upper.check(true, SITE);
    lower.check(true, SITE);
    for (Map.Entry<Integer, Long> entry : model.entrySet()) {
      boolean isUpper = root.find(entry.getKey()) == 1;
      HashTreeNode node = isUpper ? upper : lower;
      assertThat(node.fileBlockNr(node.find(entry.getKey()))).isEqualTo(entry.getValue());
    }
  }
}
