package io.lamina.cli;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** JSON on standard output. */
final class Json {
  private static final JsonFactory FACTORY =
      new JsonFactory().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

  private Json() {}

  /** A generator of readable JSON; closing it ends the last line. */
  static JsonGenerator to(Console console) throws IOException {
    JsonGenerator json = FACTORY.createGenerator(console.out(), JsonEncoding.UTF8);
    json.setPrettyPrinter(new DefaultPrettyPrinter());
    return json;
  }

  /**
   * A name under a key. What is not UTF-8 stands there as a person would be shown it, and its bytes
   * in hexadecimal under the key with {@code _hex}.
   */
  static void name(JsonGenerator json, String key, String latin1) throws IOException {
    String text = Text.decode(latin1);
    json.writeStringField(key, text == null ? Text.display(latin1) : text);
    if (text == null) {
      byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
      json.writeStringField(key + "_hex", HexFormat.of().formatHex(bytes));
    }
  }
}
