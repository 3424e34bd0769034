package io.lamina.persist.space;

import io.lamina.persist.TransactionManager;
import io.lamina.persist.btree.BTreeWriter;
import io.lamina.persist.btree.ValueReferences;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The index tree of the data's map. */
final class TreeIndex implements WritableIndex {
  private final TransactionManager transaction;
  private final BTreeWriter tree;
  private long root;

  TreeIndex(TransactionManager transaction, long root) {
    this.transaction = transaction;
    this.tree = new BTreeWriter(transaction, IndexEntry.BYTES, ValueReferences.NONE);
    this.root = root;
  }

  @Override
  public IndexEntry get(long bitmap) throws IOException {
    SpaceMapRoot now = new SpaceMapRoot(0, 0, root, 0);
    return StoredSpaceMap.ofData(transaction, now).indexEntry(bitmap);
  }

  @Override
  public void put(long bitmap, IndexEntry entry) throws IOException {
    byte[] value = new byte[IndexEntry.BYTES];
    entry.put(ByteBuffer.wrap(value), 0);
    root = tree.update(root, bitmap, value);
  }

  @Override
  public long root() {
    return root;
  }
}
