package io.lamina.fuse;

/** The same through libfuse's high level and jnr-fuse's callbacks. */
class LibFuseMountTest extends FuseMountTest {
  @Override
  boolean throughLibFuse() {
    return true;
  }
}
