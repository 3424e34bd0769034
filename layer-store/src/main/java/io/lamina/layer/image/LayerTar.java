package io.lamina.layer.image;

import io.lamina.graph.Id;
import java.io.IOException;
import java.io.OutputStream;

/** A layer's tar that can be written as often as needed. */
interface LayerTar {
  /** Its digest. */
  Id diffId();

  /** How many bytes it has. */
  long size();

  /**
   * Writes it.
   *
   * @throws IOException also when what comes out is not the tar of that digest: what was written is
   *     then of no use
   */
  void writeTo(OutputStream out) throws IOException;
}
