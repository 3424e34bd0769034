package io.lamina.thin.check;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.walk.WalkedNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Walks trees of one kind: counts every reference to a node, looks into each node once, and goes on
 * beside what is damaged.
 */
final class TreeWalk {
  private final Survey survey;
  private final BlockUse use;
  private final int valueBytes;
  private final LeafVisitor visitor;
  private final WalkedNode[] path = new WalkedNode[WalkedNode.MAX_DEPTH + 1];

  /** Takes leaves. */
  @FunctionalInterface
  interface LeafVisitor {
    /**
     * Looks at a sound leaf.
     *
     * @return whether its entries can be relied on
     */
    boolean visit(WalkedNode leaf) throws IOException;
  }

  TreeWalk(Survey survey, BlockUse use, int valueBytes, LeafVisitor visitor) {
    this.survey = survey;
    this.use = use;
    this.valueBytes = valueBytes;
    this.visitor = visitor;
    for (int i = 0; i < path.length; i++) {
      path[i] = new WalkedNode(use.tree());
    }
  }

  /**
   * Walks a tree.
   *
   * @return how many entries its leaves have; {@link BlockNotes#UNKNOWN} where damage hides some
   */
  long walk(long root) throws IOException {
    return walk(root, 0, 0, -1);
  }

  private long walk(long blockNr, int depth, long first, long last) throws IOException {
    if (!survey.refer(blockNr, use)) {
      return BlockNotes.UNKNOWN;
    }
    BlockNotes notes = survey.notes();
    @Nullable BlockUse known = notes.use(blockNr);
    if (known != null) {
      return again(blockNr, known, first, last);
    }
    notes.setUse(blockNr, use);
    notes.setEntryCount(blockNr, BlockNotes.OPEN);
    long count = BlockNotes.UNKNOWN;
    WalkedNode node = path[depth];
    try {
      node.load(survey.blocks(), blockNr, valueBytes);
      node.checkPlace(depth, first, last);
      checkFill(node, depth);
      if (node.entryCount() > 0) {
        notes.setKeys(blockNr, node.key(0), node.key(node.entryCount() - 1));
      } else {
        notes.setKeys(blockNr, 0, -1);
      }
      count = node.isInternal() ? children(node, depth, last) : leaf(node);
    } catch (CorruptException e) {
      survey.findings().addUnreadable(e);
    }
    notes.setEntryCount(blockNr, count);
    return count;
  }

  /** The kernel keeps all nodes but the root a third full, and relies on it. */
  private void checkFill(WalkedNode node, int depth) {
    int least = node.maxEntries() / 3;
    if (depth > 0 && node.entryCount() < least) {
      survey
          .findings()
          .add(node.damaged("nr_entries", "at least " + least, "" + node.entryCount()).damage());
    }
  }

  private long leaf(WalkedNode node) throws IOException {
    return visitor.visit(node) ? node.entryCount() : BlockNotes.UNKNOWN;
  }

  private long children(WalkedNode node, int depth, long last) throws IOException {
    long sum = 0;
    for (int i = 0; i < node.entryCount(); i++) {
      long count = walk(node.value(i), depth + 1, node.key(i), node.lastKey(i, last));
      boolean isKnown = sum >= 0 && count >= 0 && sum + count >= 0;
      sum = isKnown ? sum + count : BlockNotes.UNKNOWN;
    }
    return sum;
  }

  /** A block that was come across before. */
  private long again(long blockNr, BlockUse known, long first, long last) {
    BlockNotes notes = survey.notes();
    if (known != use) {
      survey.contradiction(blockNr, known, use);
      return BlockNotes.UNKNOWN;
    }
    long count = notes.entryCount(blockNr);
    if (count == BlockNotes.OPEN) {
      survey
          .findings()
          .addUnreadable(
              new CorruptException(
                  new Damage(
                      use.structure(),
                      blockNr,
                      "parent",
                      "a path without cycles",
                      "itself among its ancestors")));
      return BlockNotes.UNKNOWN;
    }
    if (count > 0
        && (Long.compareUnsigned(notes.firstKey(blockNr), first) < 0
            || Long.compareUnsigned(notes.lastKey(blockNr), last) > 0)) {
      survey
          .findings()
          .addUnreadable(
              new CorruptException(
                  new Damage(
                      use.structure(),
                      blockNr,
                      "keys",
                      range(first, last) + ", as another parent says",
                      range(notes.firstKey(blockNr), notes.lastKey(blockNr)))));
      return BlockNotes.UNKNOWN;
    }
    return count;
  }

  private static String range(long first, long last) {
    return Long.toUnsignedString(first) + " to " + Long.toUnsignedString(last);
  }
}
