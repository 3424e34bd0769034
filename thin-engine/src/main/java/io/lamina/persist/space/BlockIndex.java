package io.lamina.persist.space;

import io.lamina.block.OutOfSpaceException;
import io.lamina.persist.Shadow;
import java.io.IOException;

/** The index block of the metadata's own map, shadowed. */
final class BlockIndex implements WritableIndex {
  private final Shadow block;

  BlockIndex(Shadow block) {
    this.block = block;
  }

  @Override
  public IndexEntry get(long bitmap) {
    return IndexEntry.get(block.bytes(), IndexBlock.offset((int) bitmap));
  }

  @Override
  public void put(long bitmap, IndexEntry entry) throws IOException {
    if (bitmap >= IndexBlock.ENTRY_COUNT) {
      throw new OutOfSpaceException("the metadata's index block has no more room");
    }
    entry.put(block.bytes(), IndexBlock.offset((int) bitmap));
  }

  @Override
  public long root() {
    return block.blockNr();
  }
}
