package io.lamina.ondisk;

import java.io.IOException;

/**
 * The bytes are valid, but use a feature that is not supported; the message names it and its bit.
 */
public final class UnsupportedException extends IOException {
  /** The message says which structure, which feature by name, and its bit in hexadecimal. */
  public UnsupportedException(String message) {
    super(message);
  }
}
