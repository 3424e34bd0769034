package io.lamina.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A volume's record as JSON. Fields that it does not know are skipped. */
final class RecordJson {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final String DEVICE_ID = "device_id";
  private static final String SIZE = "size";
  private static final String TRANSACTION_ID = "transaction_id";
  private static final String INITIALIZED = "initialized";
  private static final String DELETED = "deleted";
  private static final String DEVICES = "Devices";

  /** The device that all others are snapshots of, which had no name in it. */
  private static final String BASE = "base";

  /** Device ids have 24 bits in the pool. */
  private static final long MAX_DEVICE_ID = (1 << 24) - 1;

  private static final long MAX_SIZE = 1L << 60;

  private RecordJson() {}

  static byte[] write(VolumeRecord volume) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeNumberField(DEVICE_ID, volume.deviceId());
      out.writeNumberField(SIZE, volume.size());
      out.writeNumberField(TRANSACTION_ID, volume.transactionId());
      out.writeBooleanField(INITIALIZED, volume.initialized());
      out.writeBooleanField(DELETED, volume.deleted());
      out.writeEndObject();
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  /**
   * Reads a record.
   *
   * @throws IOException that says what is wrong with it, in one line without the file's name
   */
  static VolumeRecord read(String name, byte[] bytes) throws IOException {
    return whole(bytes, in -> record(name, in));
  }

  /**
   * Reads the records of all devices from the one file that docker before 1.0 had for them.
   *
   * @throws IOException as {@link #read}
   */
  static List<VolumeRecord> readAll(byte[] bytes) throws IOException {
    return whole(
        bytes,
        in -> {
          List<VolumeRecord> records = new ArrayList<>();
          while (in.nextToken() == JsonToken.FIELD_NAME) {
            boolean isAsked = in.currentName().equals(DEVICES);
            JsonToken value = in.nextToken();
            if (isAsked && value == JsonToken.START_OBJECT) {
              readAll(in, records);
            } else {
              in.skipChildren();
            }
          }
          return records;
        });
  }

  private static void readAll(JsonParser in, List<VolumeRecord> records) throws IOException {
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      requireObject(in);
      records.add(record(name.isEmpty() ? BASE : name, in));
    }
  }

  private static void requireObject(JsonParser in) throws IOException {
    if (in.nextToken() != JsonToken.START_OBJECT) {
      throw new IOException("expected a JSON object");
    }
  }

  /** Reads an object, whose beginning is read, to its end. */
  private interface Reading<T> {
    T from(JsonParser in) throws IOException;
  }

  private static <T> T whole(byte[] bytes, Reading<T> reading) throws IOException {
    try (JsonParser in = JSON.createParser(bytes)) {
      requireObject(in);
      T read = reading.from(in);
      if (in.currentToken() != JsonToken.END_OBJECT || in.nextToken() != null) {
        throw new IOException("expected the end after one JSON object");
      }
      return read;
    } catch (JsonProcessingException e) {
      String reason = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new IOException("is no JSON: " + reason.replaceAll(" \\(start marker at .*", ""), e);
    }
  }

  private static VolumeRecord record(String name, JsonParser in) throws IOException {
    Map<String, Long> numbers = new HashMap<>();
    Map<String, Boolean> flags = new HashMap<>();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      field(in, numbers, flags);
    }
    return new VolumeRecord(
        name,
        (int) number(numbers, DEVICE_ID, MAX_DEVICE_ID),
        number(numbers, SIZE, MAX_SIZE),
        number(numbers, TRANSACTION_ID, Long.MAX_VALUE),
        flags.getOrDefault(INITIALIZED, false),
        flags.getOrDefault(DELETED, false));
  }

  private static void field(JsonParser in, Map<String, Long> numbers, Map<String, Boolean> flags)
      throws IOException {
    String field = in.currentName();
    JsonToken value = in.nextToken();
    switch (field) {
      case DEVICE_ID, SIZE, TRANSACTION_ID -> {
        if (value != JsonToken.VALUE_NUMBER_INT) {
          throw new IOException(field + ": expected a whole number");
        }
        numbers.put(field, in.getLongValue());
      }
      case INITIALIZED, DELETED -> {
        if (value != JsonToken.VALUE_TRUE && value != JsonToken.VALUE_FALSE) {
          throw new IOException(field + ": expected true or false");
        }
        flags.put(field, value == JsonToken.VALUE_TRUE);
      }
      default -> in.skipChildren();
    }
  }

  private static long number(Map<String, Long> numbers, String field, long max) throws IOException {
    Long value = numbers.get(field);
    if (value == null) {
      throw new IOException(field + ": is missing");
    }
    if (value < 0 || value > max) {
      throw new IOException(field + ": expected 0 to " + max + ", found " + value);
    }
    return value;
  }
}
