package io.lamina.graph.tarsplit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Reads {@code tar-split.json.gz}: one JSON object a piece. */
public final class TarSplitReader implements Closeable {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int FILE = 1;
  private static final int SEGMENT = 2;

  private final JsonParser parser;

  /** The members of one object, as far as they have been read. */
  private static final class Fields {
    int type;
    long size;
    byte[] payload = new byte[0];
    byte @Nullable [] rawName;
    String name = "";
  }

  /** Reads from a stream that is still compressed; it is closed with this. */
  public TarSplitReader(InputStream compressed) throws IOException {
    this.parser = JSON.createParser(new GZIPInputStream(compressed));
  }

  /**
   * The next piece.
   *
   * @return null at the end
   * @throws IOException when it is damaged
   */
  public @Nullable Piece next() throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null) {
      return null;
    }
    if (token != JsonToken.START_OBJECT) {
      throw damaged("an object", token.toString());
    }
    Fields fields = new Fields();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      read(fields);
    }
    return switch (fields.type) {
      case FILE -> content(fields);
      case SEGMENT -> new Piece.Segment(ByteBuffer.wrap(fields.payload));
      default -> throw damaged("type 1 or 2", Integer.toString(fields.type));
    };
  }

  private void read(Fields fields) throws IOException {
    String field = parser.currentName();
    JsonToken value = parser.nextToken();
    if (value == JsonToken.VALUE_NULL) {
      return;
    }
    switch (field) {
      case "type" -> fields.type = parser.getIntValue();
      case "size" -> fields.size = parser.getLongValue();
      case "payload" -> fields.payload = parser.getBinaryValue();
      case "name_raw" -> fields.rawName = parser.getBinaryValue();
      case "name" -> fields.name = parser.getText();
      default -> parser.skipChildren();
    }
  }

  private static Piece.Content content(Fields fields) throws IOException {
    byte[] name =
        fields.rawName == null ? fields.name.getBytes(StandardCharsets.UTF_8) : fields.rawName;
    if (fields.size < 0) {
      throw damaged("a size", Long.toString(fields.size));
    }
    long checksum =
        fields.payload.length == Long.BYTES ? ByteBuffer.wrap(fields.payload).getLong() : 0;
    return new Piece.Content(new String(name, StandardCharsets.ISO_8859_1), fields.size, checksum);
  }

  private static IOException damaged(String expected, String found) {
    return new IOException("tar-split: expected " + expected + ", found " + found);
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
