package io.lamina.graph;

import java.io.IOException;

/** Nothing has the name or the id that was given, or more than one thing has. */
public final class NotFoundException extends IOException {
  /** With docker's words. */
  public NotFoundException(String message) {
    super(message);
  }
}
