package io.lamina.graph;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as docker writes it: Go's, without spaces, and with what HTML knows escaped. */
public final class JsonText {
  private static final ObjectMapper JSON =
      new ObjectMapper(new JsonFactory().setCharacterEscapes(new GoEscapes()));

  private JsonText() {}

  /**
   * Writes an object.
   *
   * @param fields in their order: values are maps, lists, strings, numbers, booleans and null
   */
  public static byte[] of(Map<String, ? extends @Nullable Object> fields) throws IOException {
    return JSON.writeValueAsBytes(fields);
  }

  /** What Go's encoder escapes beyond what JSON demands. */
  private static final class GoEscapes extends CharacterEscapes {
    private static final int[] ASCII = ascii();

    private static int[] ascii() {
      int[] escapes = standardAsciiEscapesForJSON();
      for (char c : new char[] {'<', '>', '&'}) {
        escapes[c] = ESCAPE_CUSTOM;
      }
      return escapes;
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return ASCII.clone();
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
      return switch (c) {
        case '<', '>', '&', '\u2028', '\u2029' -> new SerializedString(String.format("\\u%04x", c));
        default -> null;
      };
    }
  }
}
