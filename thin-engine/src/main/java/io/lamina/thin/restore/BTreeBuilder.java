package io.lamina.thin.restore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds a B-tree from entries in the order of their keys. Holds two nodes a level: the last but
 * one is written only when it is sure not to be needed to fill up the last.
 */
final class BTreeBuilder {
  private final BlockAppender out;
  private final List<Level> levels = new ArrayList<>();

  private static final class Level {
    private NodeBuilder previous;
    private NodeBuilder current;

    Level(boolean isLeaf, int valueBytes) {
      previous = new NodeBuilder(isLeaf, valueBytes);
      current = new NodeBuilder(isLeaf, valueBytes);
    }
  }

  /** A tree of values of a size, with no entries. */
  BTreeBuilder(BlockAppender out, int valueBytes) {
    this.out = out;
    levels.add(new Level(true, valueBytes));
  }

  /** Adds an entry with a value of eight bytes. */
  void add(long key, long value) throws IOException {
    int at = add(key);
    bytes().putLong(at, value);
  }

  /**
   * Adds a key, above all that were added before.
   *
   * @return where in {@link #bytes} its value goes
   */
  int add(long key) throws IOException {
    return add(0, key);
  }

  /** Where to write the value of the key that was added last. */
  ByteBuffer bytes() {
    return levels.get(0).current.bytes();
  }

  private int add(int levelNr, long key) throws IOException {
    Level level = levels.get(levelNr);
    if (level.current.isFull()) {
      if (level.previous.count() > 0) {
        write(levelNr, level.previous);
      }
      NodeBuilder full = level.current;
      level.current = level.previous;
      level.previous = full;
    }
    return level.current.add(key);
  }

  private void write(int levelNr, NodeBuilder node) throws IOException {
    long firstKey = node.firstKey();
    long blockNr = node.write(out);
    if (levelNr + 1 == levels.size()) {
      levels.add(new Level(false, Long.BYTES));
    }
    int at = add(levelNr + 1, firstKey);
    levels.get(levelNr + 1).current.bytes().putLong(at, blockNr);
  }

  /** Writes what is left; returns the root. */
  long finish() throws IOException {
    for (int levelNr = 0; ; levelNr++) {
      Level level = levels.get(levelNr);
      boolean hasPrevious = level.previous.count() > 0;
      if (!hasPrevious && levelNr + 1 == levels.size()) {
        return level.current.write(out);
      }
      if (hasPrevious) {
        if (level.current.isSparse()) {
          level.current.balance(level.previous);
        }
        write(levelNr, level.previous);
      }
      write(levelNr, level.current);
    }
  }
}
