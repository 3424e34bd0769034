package io.lamina.persist.btree;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What the values of a tree refer to: counted when a leaf is copied, dropped with the value. */
public interface ValueReferences {
  /** Values that refer to nothing. */
  ValueReferences NONE =
      new ValueReferences() {
        @Override
        public void increment(ByteBuffer bytes, int offset) {}

        @Override
        public void decrement(ByteBuffer bytes, int offset) {}
      };

  /** One more leaf holds the value at {@code offset}. */
  void increment(ByteBuffer bytes, int offset) throws IOException;

  /** One leaf less holds it. */
  void decrement(ByteBuffer bytes, int offset) throws IOException;
}
