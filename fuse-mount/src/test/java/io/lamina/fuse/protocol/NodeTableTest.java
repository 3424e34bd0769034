package io.lamina.fuse.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import io.lamina.fs.NodeKey;
import io.lamina.fs.NodeSource;
import io.lamina.fuse.MemoryNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NodeTableTest {
  private final MemoryNode root = MemoryNode.directory();
  private final AtomicBoolean isMemoryShort = new AtomicBoolean();
  private final NodeTable table = new NodeTable(root, 1000, isMemoryShort::get);

  /** Makes nodes that can be made anew. */
  private static final class Numbers implements NodeSource {
    @Override
    public Node node(int number, int generation) {
      return new NumberedNode(this, number, generation);
    }
  }

  private static final class NumberedNode extends MemoryNode {
    private final NodeKey key;
    private final AtomicInteger holdCount = new AtomicInteger();

    NumberedNode(NodeSource source, int number, int generation) {
      super(io.lamina.fs.FileType.REGULAR);
      key = new NodeKey(source, number, generation);
    }

    @Override
    public NodeKey nodeKey() {
      return key;
    }

    @Override
    public Hold hold() {
      holdCount.incrementAndGet();
      return holdCount::decrementAndGet;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof NumberedNode that && that.key.equals(key);
    }

    @Override
    public int hashCode() {
      return key.number();
    }
  }

  @Test
  void aNodeIsKnownUntilAsManyLookupsAreForgottenAsWereMade() throws IOException {
    for (Node node : List.of(MemoryNode.file(new byte[0]), new Numbers().node(7, 1))) {
      assertThat(table.id(node)).isZero();
      long id = table.lookUp(node, 5);
      assertThat(table.lookUp(node, 9)).isEqualTo(id);
      assertThat(table.id(node)).isEqualTo(id);
      assertThat(table.node(id)).isEqualTo(node);
      assertThat(table.parentInodeNr(id)).isEqualTo(5);
      table.forget(id, 1);
      assertThat(table.node(id)).isEqualTo(node);
      table.forget(id, 1);
      assertThat(table.id(node)).isZero();
      assertThatThrownBy(() -> table.node(id))
          .isInstanceOfSatisfying(
              FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ESTALE));
      assertThat(table.lookUp(node, 5)).as("a number is never used again").isNotEqualTo(id);
      table.forget(id, 1);
    }
  }

  @Test
  void theRootIsAlwaysKnown() throws IOException {
    table.forget(NodeTable.ROOT_ID, 1000);
    assertThat(table.node(NodeTable.ROOT_ID)).isSameAs(root);
    assertThat(table.id(root)).isEqualTo(NodeTable.ROOT_ID);
  }

  @Test
  void aNodeIsHeldUntilItIsForgotten() throws IOException {
    NumberedNode node = new NumberedNode(new Numbers(), 3, 0);
    table.keep(node);
    assertThat(node.holdCount).as("of one that is not known").hasValue(0);
    long id = table.lookUp(node, 0);
    table.keep(node);
    table.keep(node);
    assertThat(node.holdCount).hasValue(1);
    table.forget(id, 1);
    assertThat(node.holdCount).hasValue(0);
    table.lookUp(node, 0);
    table.keep(node);
    table.close();
    assertThat(node.holdCount).hasValue(0);
  }

  @Test
  void aFullTableSaysSoUntilTheKernelForgets() {
    Numbers numbers = new Numbers();
    long last = 0;
    for (int i = 0; i < 1000; i++) {
      assertThat(table.isFull()).isFalse();
      last = table.lookUp(numbers.node(i, 0), 0);
    }
    assertThat(table.isFull()).isTrue();
    table.forget(last, 1);
    assertThat(table.isFull()).isFalse();
  }

  @Test
  void nodesThatAreKeptThemselvesFillItSooner() {
    int count = 0;
    while (!table.isFull()) {
      table.lookUp(MemoryNode.file(new byte[0]), 0);
      count++;
    }
    assertThat(count).isEqualTo(63);
  }

  @Test
  void whereMemoryIsShortAnEighthFillsIt() {
    isMemoryShort.set(true);
    Numbers numbers = new Numbers();
    for (int i = 0; i < 125; i++) {
      assertThat(table.isFull()).isFalse();
      table.lookUp(numbers.node(i, 0), 0);
    }
    assertThat(table.isFull()).isTrue();
    isMemoryShort.set(false);
    assertThat(table.isFull()).isFalse();
  }

  static LongStream seeds() {
    return LongStream.range(0, Integer.getInteger("lamina.seeds", 5));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void behavesLikeAMapOfNodes(long seed) throws IOException {
    Random random = new Random(seed);
    List<NodeSource> sources = List.of(new Numbers(), new Numbers(), new Numbers());
    List<Node> plain = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      plain.add(MemoryNode.file(new byte[0]));
    }
    Map<Node, Long> ids = new HashMap<>();
    Map<Long, Integer> counts = new HashMap<>();
    Set<Long> forgotten = new HashSet<>();
    for (int step = 0; step < 20_000; step++) {
      Node node =
          random.nextInt(10) == 0
              ? plain.get(random.nextInt(plain.size()))
              : sources
                  .get(random.nextInt(sources.size()))
                  .node(random.nextInt(700) * 1_000_003, random.nextInt(2));
      Long id = ids.get(node);
      assertThat(table.id(node)).isEqualTo(id == null ? 0 : id);
      if (id == null || random.nextBoolean()) {
        long told = table.lookUp(node, 0);
        assertThat(forgotten.contains(told)).isFalse();
        assertThat(id == null || id == told).isTrue();
        ids.put(node, told);
        counts.merge(told, 1, Integer::sum);
      } else {
        assertThat(table.node(id)).isEqualTo(node);
        int count = 1 + random.nextInt(counts.get(id));
        table.forget(id, count);
        if (counts.merge(id, -count, Integer::sum) == 0) {
          counts.remove(id);
          ids.remove(node);
          forgotten.add(id);
        }
      }
      assertThat(table.size()).isEqualTo(ids.size());
    }
  }
}
