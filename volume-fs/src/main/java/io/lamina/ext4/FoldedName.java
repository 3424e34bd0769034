package io.lamina.ext4;

import io.lamina.fs.Name;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;

/**
 * What names have in common that a directory without regard to case takes for the same: Unicode's
 * canonical decomposition of the full case folding, without what is not shown ({@code nfdicf} in
 * the kernel, of Unicode 12.1). A name that is no UTF-8 has only itself.
 *
 * <p>Folding is put together from the JDK's own tables of lower and upper case, which are of a
 * later Unicode: characters that are younger than 12.1 are folded too. All others agree.
 *
 * @see <a href="https://www.unicode.org/reports/tr44/#CaseFolding.txt">Case folding</a>
 */
final class FoldedName {
  /** The one letter whose upper case has another lower case that it does not fold to. */
  private static final int DOTLESS_I = 0x131;

  private FoldedName() {}

  /** Equal for names that are the same. */
  static Name of(Name name) {
    byte[] bytes = name.bytes();
    for (byte b : bytes) {
      if (b < 0) {
        return ofUnicode(name);
      }
    }
    return Name.of(name.latin1().toLowerCase(Locale.ROOT));
  }

  private static Name ofUnicode(Name name) {
    CharBuffer decoded;
    try {
      decoded =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(name.bytes()));
    } catch (CharacterCodingException e) {
      return name;
    }
    StringBuilder folded = new StringBuilder();
    Normalizer.normalize(decoded, Normalizer.Form.NFD)
        .codePoints()
        .filter(codePoint -> !isIgnorable(codePoint))
        .forEach(codePoint -> fold(codePoint, folded));
    return Name.of(Normalizer.normalize(folded, Normalizer.Form.NFD));
  }

  /** Down, up in full and down again, one by one: so none depends on its neighbours. */
  private static void fold(int codePoint, StringBuilder folded) {
    if (codePoint == DOTLESS_I) {
      folded.appendCodePoint(codePoint);
      return;
    }
    Character.toString(Character.toLowerCase(codePoint))
        .toUpperCase(Locale.ROOT)
        .codePoints()
        .map(Character::toLowerCase)
        .forEach(folded::appendCodePoint);
  }

  /** {@code Default_Ignorable_Code_Point}. */
  private static boolean isIgnorable(int c) {
    return c == 0xad
        || c == 0x34f
        || c == 0x61c
        || isIn(c, 0x115f, 0x1160)
        || isIn(c, 0x17b4, 0x17b5)
        || isIn(c, 0x180b, 0x180e)
        || isIn(c, 0x200b, 0x200f)
        || isIn(c, 0x202a, 0x202e)
        || isIn(c, 0x2060, 0x206f)
        || c == 0x3164
        || isIn(c, 0xfe00, 0xfe0f)
        || c == 0xfeff
        || c == 0xffa0
        || isIn(c, 0xfff0, 0xfff8)
        || isIn(c, 0x1bca0, 0x1bca3)
        || isIn(c, 0x1d173, 0x1d17a)
        || isIn(c, 0xe0000, 0xe0fff);
  }

  private static boolean isIn(int c, int first, int last) {
    return c >= first && c <= last;
  }
}
