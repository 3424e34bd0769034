package io.lamina.ext4;

import io.lamina.ext4.format.XattrEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Blocks of attributes written lately, by their hashes, so that files with the same attributes
 * share one. All is done under its lock, which is taken last.
 */
final class SharedXattrs {
  private static final int MOST = 512;
  private static final long MOST_USERS = 1024;
  private static final int COMPARED_FROM = 20;
  private static final int HASH_OFFSET = 12;

  /** Where no block is. */
  static final long NONE = 0;

  private final Volume volume;
  private final Map<Integer, Long> byHash =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Long> eldest) {
          return size() > MOST;
        }
      };

  SharedXattrs(Volume volume) {
    this.volume = volume;
  }

  /** A block that holds the same and has room for one more user, {@link #NONE} for none. */
  long find(ByteBuffer wanted) throws IOException {
    int hash = XattrEntry.blockHash(wanted);
    Long blockNr = hash == 0 ? null : byHash.get(hash);
    if (blockNr == null) {
      return NONE;
    }
    ByteBuffer known = volume.block(blockNr).bytes();
    boolean isSame =
        wanted.getInt(HASH_OFFSET) == known.getInt(HASH_OFFSET)
            && wanted
                .slice(COMPARED_FROM, wanted.limit() - COMPARED_FROM)
                .equals(known.slice(COMPARED_FROM, known.limit() - COMPARED_FROM));
    return isSame && XattrEntry.referenceCount(known) < MOST_USERS ? blockNr : NONE;
  }

  /** Remembers a block that was written. */
  void remember(long blockNr, ByteBuffer block) {
    int hash = XattrEntry.blockHash(block);
    if (hash != 0) {
      byHash.put(hash, blockNr);
    }
  }

  /** A block is to be changed, or freed. */
  void forget(long blockNr, ByteBuffer block) {
    byHash.remove(XattrEntry.blockHash(block), blockNr);
  }
}
