package io.lamina.graph.tarsplit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

/** Writes {@code tar-split.json.gz} as docker reads it: one JSON object a line. */
public final class TarSplitWriter implements Closeable {
  private static final JsonFactory JSON = new JsonFactory();

  /** What is written at one go: the JDK takes 512 bytes. */
  private static final int BUFFER_BYTES = 1 << 16;

  private final JsonGenerator generator;
  private int position;

  /** Writes to a stream, compressed; it is closed with this. */
  public TarSplitWriter(OutputStream out) throws IOException {
    this.generator = JSON.createGenerator(new GZIPOutputStream(out, BUFFER_BYTES));
    generator.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
  }

  /** Writes one piece. */
  public void write(Piece piece) throws IOException {
    generator.writeStartObject();
    if (piece instanceof Piece.Content content) {
      write(content);
    } else if (piece instanceof Piece.Segment segment) {
      generator.writeNumberField("type", 2);
      generator.writeBinaryField("payload", segment.bytes().array());
    }
    generator.writeNumberField("position", position++);
    generator.writeEndObject();
  }

  private void write(Piece.Content content) throws IOException {
    generator.writeNumberField("type", 1);
    byte[] name = content.name().getBytes(StandardCharsets.ISO_8859_1);
    try {
      generator.writeStringField(
          "name", StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString());
    } catch (CharacterCodingException e) {
      generator.writeBinaryField("name_raw", name);
    }
    if (content.size() == 0) {
      generator.writeNullField("payload");
      return;
    }
    generator.writeNumberField("size", content.size());
    generator.writeBinaryField(
        "payload", ByteBuffer.allocate(Long.BYTES).putLong(content.checksum()).array());
  }

  @Override
  public void close() throws IOException {
    generator.writeRaw('\n');
    generator.close();
  }
}
