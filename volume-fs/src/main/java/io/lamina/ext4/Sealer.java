package io.lamina.ext4;

import java.nio.ByteBuffer;

/** Puts the checksum into a changed block, once for each transaction, before that is written. */
@FunctionalInterface
interface Sealer {
  void seal(ByteBuffer block);
}
