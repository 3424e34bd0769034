package io.lamina.cli;

import io.lamina.fs.Name;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/**
 * Two kinds of string: a program's text, and <em>latin1</em>, where each character is one byte of
 * something in no known encoding: an argument, a name, a line of output.
 */
final class Text {
  private Text() {}

  /** The bytes of a text in UTF-8, one character each. */
  static String latin1(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** Bytes as a text, where they are UTF-8; null where not. */
  static @Nullable String decode(String latin1) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1));
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /**
   * An argument that has to be text.
   *
   * @throws TypeConversionException when it is not UTF-8
   */
  static String decoded(String latin1) {
    String text = decode(latin1);
    if (text == null) {
      throw new TypeConversionException("'" + display(latin1) + "' is no UTF-8");
    }
    return text;
  }

  /** The same for one that may not be there. */
  static @Nullable String decodedIfGiven(@Nullable String latin1) {
    return latin1 == null ? null : decoded(latin1);
  }

  /** The same for several. */
  static List<String> decodedAll(List<String> latin1) {
    return latin1.stream().map(Text::decoded).toList();
  }

  /** Bytes as a text for people, with octal escapes for what is not UTF-8 or cannot be seen. */
  static String display(String latin1) {
    return Name.ofLatin1(latin1).toString();
  }

  /** A path on the host that an argument names. */
  static Path hostPath(String latin1) {
    String text = decode(latin1);
    if (text == null || text.isEmpty()) {
      throw new TypeConversionException("'" + display(latin1) + "' is no path in UTF-8");
    }
    return Path.of(text);
  }

  /** As {@code ls -q} does on a terminal: a question mark for what would not show. */
  static String printable(String latin1) {
    boolean plain = true;
    for (int i = 0; i < latin1.length() && plain; i++) {
      char c = latin1.charAt(i);
      plain = c >= ' ' && c < 0x7f;
    }
    if (plain) {
      return latin1;
    }
    String text = decode(latin1);
    StringBuilder shown = new StringBuilder();
    (text != null ? text : latin1)
        .codePoints()
        .forEach(
            c -> {
              boolean hidden = Character.isISOControl(c) || (text == null && c >= 0x80);
              shown.appendCodePoint(hidden ? '?' : c);
            });
    return latin1(shown.toString());
  }
}
