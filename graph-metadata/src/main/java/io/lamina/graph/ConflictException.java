package io.lamina.graph;

import java.io.IOException;

/** Something is still needed, or a name is taken. */
public final class ConflictException extends IOException {
  /** With docker's words. */
  public ConflictException(String message) {
    super(message);
  }
}
