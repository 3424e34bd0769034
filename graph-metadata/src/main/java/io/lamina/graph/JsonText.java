package io.lamina.graph;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.file.Path;

/**
 * One text of a JSON document of which nothing else is asked: whole documents need what takes
 * longer to start than a hundred of these take.
 */
final class JsonText {
  /** Deeper than any record of docker's, and shallow enough for any stack. */
  private static final int MAX_DEPTH = 64;

  /** How all records are read. */
  static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(100)
                  .build())
          .build();

  private JsonText() {}

  /**
   * A text of the document's own fields; empty where there is none.
   *
   * @throws IOException as those of {@link JsonObject}
   */
  static String read(Path file, String field) throws IOException {
    byte[] bytes = RecordFile.bytes(file);
    try (JsonParser in = JSON.createParser(bytes)) {
      String text = "";
      boolean isPlain = in.nextToken() == JsonToken.START_OBJECT;
      while (isPlain && in.nextToken() == JsonToken.FIELD_NAME) {
        boolean isAsked = in.currentName().equals(field);
        JsonToken value = in.nextToken();
        if (isAsked) {
          text = value == JsonToken.VALUE_STRING ? in.getText() : "";
          isPlain = value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NULL;
        } else {
          in.skipChildren();
        }
      }
      if (isPlain && in.currentToken() == JsonToken.END_OBJECT && in.nextToken() == null) {
        return text;
      }
    } catch (JsonProcessingException e) {
      // Told below.
    }
    return JsonObject.parse(file.toString(), bytes).text(field);
  }
}
