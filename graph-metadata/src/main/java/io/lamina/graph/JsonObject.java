package io.lamina.graph;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An object of a JSON document, with every field it has. A field that is missing and one that is
 * null are the same to those who ask for its value; one of another type than asked for is an error
 * that names document, field and both types.
 */
public final class JsonObject {
  /** What messages call the items of a document that is a list. */
  private static final String LIST = "item";

  private static final ObjectMapper JSON =
      new ObjectMapper(JsonText.JSON)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** What the parser says of a document that is no object, or no list. */
  private static final Pattern OTHER_TYPE =
      Pattern.compile("Cannot deserialize value of type `[^`]*` from (\\w+) value");

  /** A moment that Go calls zero, and writes for one that never was. */
  public static final Instant NEVER = Instant.parse("0001-01-01T00:00:00Z");

  private final String where;
  private final Map<String, @Nullable Object> fields;

  private JsonObject(String where, Map<String, @Nullable Object> fields) {
    this.where = where;
    this.fields = fields;
  }

  /** Reads a whole file. */
  static JsonObject read(Path file) throws IOException {
    return parse(file.toString(), RecordFile.bytes(file));
  }

  /**
   * Reads a document.
   *
   * @param where what messages call it
   * @throws IOException when it is no JSON object; one line that says what is wrong
   */
  public static JsonObject parse(String where, byte[] bytes) throws IOException {
    Map<String, @Nullable Object> fields =
        read(
            where,
            "JSON object",
            bytes,
            new TypeReference<LinkedHashMap<String, @Nullable Object>>() {});
    if (fields == null) {
      throw new IOException(where + ": expected a JSON object, found null");
    }
    return new JsonObject(where, fields);
  }

  /**
   * Reads a document that is a list of objects.
   *
   * @param where what messages call it
   * @throws IOException when it is none; one line that says what is wrong
   */
  public static List<JsonObject> parseList(String where, byte[] bytes) throws IOException {
    List<@Nullable Object> items =
        read(where, "JSON list", bytes, new TypeReference<List<@Nullable Object>>() {});
    if (items == null) {
      throw new IOException(where + ": expected a list, found null");
    }
    Map<String, @Nullable Object> whole = new LinkedHashMap<>();
    whole.put(LIST, items);
    return new JsonObject(where, whole).objects(LIST);
  }

  private static <T> @Nullable T read(
      String where, String kind, byte[] bytes, TypeReference<T> type) throws IOException {
    try {
      return JSON.readValue(bytes, type);
    } catch (JsonProcessingException e) {
      throw new IOException(where + ": is no " + kind + ": " + reason(e), e);
    } catch (StackOverflowError e) {
      throw new IOException(where + ": is nested too deep", e);
    }
  }

  /** Without what only who wrote the parser knows. */
  private static String reason(JsonProcessingException e) {
    String first = e.getOriginalMessage().lines().findFirst().orElse("");
    Matcher other = OTHER_TYPE.matcher(first);
    return other.lookingAt()
        ? "found " + other.group(1).toLowerCase(Locale.ROOT)
        : first.replaceAll(", from `[^`]*`| \\(start marker at .*", "");
  }

  /**
   * All its fields as they came: values are maps, lists, strings, numbers, booleans and null. Not
   * to be changed.
   */
  public Map<String, @Nullable Object> fields() {
    return Collections.unmodifiableMap(fields);
  }

  /** Whether it has a field, were it null. */
  public boolean has(String field) {
    return fields.containsKey(field);
  }

  /** The value of a field, as {@link #fields} has it. */
  public @Nullable Object value(String field) {
    return fields.get(field);
  }

  /** A text; empty where there is none. */
  public String text(String field) throws IOException {
    return typed(field, fields.get(field), String.class, "text", "");
  }

  /** Texts; none where there are none. */
  public List<String> texts(String field) throws IOException {
    List<String> texts = new ArrayList<>();
    for (Object item : list(field)) {
      texts.add(typed(field, item, String.class, "text", ""));
    }
    return texts;
  }

  /** A whole number; 0 where there is none. */
  public long number(String field) throws IOException {
    Object value = fields.get(field);
    if (value == null) {
      return 0;
    }
    if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    throw wrong(field, "a whole number", value);
  }

  /** A truth; false where there is none. */
  public boolean flag(String field) throws IOException {
    return typed(field, fields.get(field), Boolean.class, "true or false", false);
  }

  /** An object; an empty one where there is none. */
  public JsonObject object(String field) throws IOException {
    return object(field, fields.get(field));
  }

  /** Objects; none where there are none. */
  public List<JsonObject> objects(String field) throws IOException {
    List<JsonObject> objects = new ArrayList<>();
    for (Object item : list(field)) {
      objects.add(object(field, item));
    }
    return objects;
  }

  /** A moment; {@link #NEVER} where there is none. */
  public Instant time(String field) throws IOException {
    String text = text(field);
    if (text.isEmpty()) {
      return NEVER;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new IOException(
          where + ": " + field + ": expected a time as RFC 3339 has it, found '" + text + "'", e);
    }
  }

  @SuppressWarnings("unchecked")
  private JsonObject object(String field, @Nullable Object value) throws IOException {
    Map<String, @Nullable Object> map = typed(field, value, Map.class, "an object", Map.of());
    return new JsonObject(where + ": " + field, map);
  }

  @SuppressWarnings("unchecked")
  private List<@Nullable Object> list(String field) throws IOException {
    return typed(field, fields.get(field), List.class, "a list", List.of());
  }

  private <T> T typed(
      String field, @Nullable Object value, Class<T> type, String typeName, T whereNone)
      throws IOException {
    if (value == null) {
      return whereNone;
    }
    if (!type.isInstance(value)) {
      throw wrong(field, typeName, value);
    }
    return type.cast(value);
  }

  private IOException wrong(String field, String expected, Object found) {
    return new IOException(
        where + ": " + field + ": expected " + expected + ", found " + typeName(found));
  }

  private static String typeName(Object value) {
    if (value instanceof Map) {
      return "an object";
    } else if (value instanceof List) {
      return "a list";
    } else if (value instanceof String) {
      return "text";
    }
    return value instanceof Boolean ? "true or false" : "the number " + shortened(value);
  }

  private static String shortened(Object value) {
    String text = value.toString();
    return text.length() <= 24 ? text : text.substring(0, 24) + "...";
  }

  @Override
  public String toString() {
    return where;
  }
}
