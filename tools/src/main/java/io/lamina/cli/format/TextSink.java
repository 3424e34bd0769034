package io.lamina.cli.format;

import java.io.IOException;

/** Takes a text in pieces, so that a long one need not be there as a whole. */
@FunctionalInterface
public interface TextSink {
  /** The next piece. */
  void text(String piece) throws IOException;
}
