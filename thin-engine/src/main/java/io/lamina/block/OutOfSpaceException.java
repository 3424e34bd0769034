package io.lamina.block;

import java.io.IOException;

/** A device has no free block left. */
public final class OutOfSpaceException extends IOException {
  /** The message says of what there is none left. */
  public OutOfSpaceException(String message) {
    super(message);
  }
}
