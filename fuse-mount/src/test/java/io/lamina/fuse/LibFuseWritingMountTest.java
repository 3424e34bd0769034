package io.lamina.fuse;

/** The same through libfuse's high level and jnr-fuse's callbacks. */
class LibFuseWritingMountTest extends WritingMountTest {
  @Override
  boolean throughLibFuse() {
    return true;
  }
}
