package io.lamina.graph;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON object, their values as they were written: a digest is taken of them, so
 * they are not to be written in other words. Only blanks go, as Go takes them out of a {@code
 * json.RawMessage}.
 */
final class RawFields {
  private static final JsonFactory JSON = new JsonFactory();

  private final SortedMap<String, String> values = new TreeMap<>();

  /**
   * Reads an object.
   *
   * @param where what messages call it
   */
  static RawFields of(String where, byte[] document) throws IOException {
    JsonObject.parse(where, document); // refuses what is no object, or nested too deep
    RawFields fields = new RawFields();
    try (JsonParser parser = JSON.createParser(document)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        int start = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        int end = (int) parser.currentLocation().getByteOffset();
        String value = new String(document, start, end - start, StandardCharsets.UTF_8);
        fields.values.put(name, compact(value));
      }
    }
    return fields;
  }

  private static String compact(String value) {
    StringBuilder compact = new StringBuilder(value.length());
    boolean inText = false;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"') {
        inText = !inText;
      } else if (inText && c == '\\') {
        compact.append(c);
        c = value.charAt(++i);
      } else if (!inText && c <= ' ') {
        continue;
      }
      if (GoJson.isEscapedForHtml(c)) {
        compact.append(String.format("\\u%04x", (int) c));
      } else {
        compact.append(c);
      }
    }
    return compact.toString();
  }

  void put(String name, @Nullable Object value) {
    values.put(name, GoJson.marshalled(value));
  }

  void remove(String name) {
    values.remove(name);
  }

  /** The object on one line, the fields sorted. */
  byte[] marshalled() {
    StringBuilder object = new StringBuilder("{");
    for (Map.Entry<String, String> field : values.entrySet()) {
      object.append(object.length() == 1 ? "" : ",");
      object.append(GoJson.marshalled(field.getKey())).append(':').append(field.getValue());
    }
    return object.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }
}
