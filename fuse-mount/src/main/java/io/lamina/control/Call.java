package io.lamina.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be run, and for whom.
 *
 * @param directory where relative paths begin, one character a byte
 * @param outIsTerminal whether the caller's results go to a terminal
 * @param errIsTerminal whether the caller's complaints do, so that progress may be shown
 * @param arguments the command and its arguments, one character a byte
 */
public record Call(
    String directory, boolean outIsTerminal, boolean errIsTerminal, List<String> arguments) {
  private static final int OUT_IS_TERMINAL = 1;
  private static final int ERR_IS_TERMINAL = 2;

  /** Keeps a copy of the list. */
  public Call {
    arguments = List.copyOf(arguments);
  }

  /** A byte of flags, then the directory and the arguments, a zero byte after each. */
  ByteBuffer encoded() {
    StringBuilder text = new StringBuilder();
    text.append(
        (char) ((outIsTerminal ? OUT_IS_TERMINAL : 0) | (errIsTerminal ? ERR_IS_TERMINAL : 0)));
    text.append(directory).append('\0');
    arguments.forEach(argument -> text.append(argument).append('\0'));
    return ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  static Call decoded(ByteBuffer bytes) throws IOException {
    if (bytes.remaining() < 2 || bytes.get(bytes.limit() - 1) != 0) {
      throw new IOException("is no call");
    }
    int flags = bytes.get();
    List<String> words = new ArrayList<>();
    String rest = StandardCharsets.ISO_8859_1.decode(bytes).toString();
    int start = 0;
    for (int end = rest.indexOf('\0'); end >= 0; end = rest.indexOf('\0', start)) {
      words.add(rest.substring(start, end));
      start = end + 1;
    }
    return new Call(
        words.get(0),
        (flags & OUT_IS_TERMINAL) != 0,
        (flags & ERR_IS_TERMINAL) != 0,
        words.subList(1, words.size()));
  }
}
