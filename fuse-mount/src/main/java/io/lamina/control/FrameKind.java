package io.lamina.control;

import java.io.IOException;

/** What a frame between the two processes holds. */
enum FrameKind {
  /** From the caller, the first of all: a {@link Call}. */
  CALL('c'),
  /** To the caller: some of his standard input is asked for; no content. */
  WANT_INPUT('w'),
  /** From the caller: some of his standard input; without content, its end. */
  INPUT('i'),
  /** To the caller: results. */
  OUT('o'),
  /** To the caller: complaints and progress. */
  ERR('e'),
  /** To the caller, the last of all: the exit code, in four bytes. */
  EXIT('x');

  private static final FrameKind[] ALL = values();

  private final byte code;

  FrameKind(char code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }

  static FrameKind of(byte code) throws IOException {
    for (FrameKind kind : ALL) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new IOException("unknown kind of frame: " + code);
  }
}
