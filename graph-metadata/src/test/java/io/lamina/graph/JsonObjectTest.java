package io.lamina.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectTest {
  private static JsonObject parse(String json) throws IOException {
    return JsonObject.parse("record", json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void keepsFieldsThatNobodyKnowsInTheirOrder() throws IOException {
    JsonObject json = parse("{\"z\":{\"x\":[1,2.50,null]},\"a\":18446744073709551615}");
    assertThat(json.fields().keySet()).containsExactly("z", "a");
    assertThat(json.object("z").fields().toString()).isEqualTo("{x=[1, 2.50, null]}");
    assertThat(json.value("a")).hasToString("18446744073709551615");
    assertThat(new BigDecimal("2.50")).hasToString("2.50");
  }

  @Test
  void aMissingFieldAndANullOneAreTheSame() throws IOException {
    JsonObject json = parse("{\"a\":null}");
    for (String field : new String[] {"a", "b"}) {
      assertThat(json.text(field)).isEmpty();
      assertThat(json.texts(field)).isEmpty();
      assertThat(json.number(field)).isZero();
      assertThat(json.flag(field)).isFalse();
      assertThat(json.object(field).fields()).isEmpty();
      assertThat(json.time(field)).isEqualTo(JsonObject.NEVER);
    }
  }

  @Test
  void aFieldOfAnotherTypeIsNamed() throws IOException {
    JsonObject json = parse("{\"a\":{\"b\":5},\"t\":\"yesterday\",\"n\":1e400}");
    saysInOneLine(
        () -> json.object("a").text("b"), "record: a: b: expected text, found the number 5");
    saysInOneLine(() -> json.texts("a"), "record: a: expected a list, found an object");
    saysInOneLine(() -> json.time("t"), "record: t: expected a time");
    saysInOneLine(() -> json.number("n"), "record: n: expected a whole number");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "{", "{\"a\":}", "{} {}", "7", "{\"a\":\"\u0001\"}"})
  void whatIsNoObjectIsRefusedInOneLine(String text) {
    saysInOneLine(() -> parse(text), "record: ");
  }

  @Test
  void neitherDepthNorLengthBringsItDown() {
    saysInOneLine(() -> parse("{\"a\":" + "[".repeat(1_000_000)), "record: is no JSON object");
    saysInOneLine(() -> parse("{\"a\":" + "{\"a\":".repeat(500_000)), "record: is no JSON object");
    saysInOneLine(
        () -> parse("{\"a\":" + "9".repeat(1_000_000) + "}"), "record: is no JSON object");
  }

  private static void saysInOneLine(ThrowingCallable reading, String start) {
    assertThatThrownBy(reading)
        .isInstanceOf(IOException.class)
        .message()
        .startsWith(start)
        .hasLineCount(1);
  }

  @Test
  void whatIsWrongIsSaidWithoutTheParsersOwnWords() {
    assertThatThrownBy(() -> parse("{"))
        .hasMessage(
            "record: is no JSON object: Unexpected end-of-input: expected close marker for Object");
    assertThatThrownBy(() -> parse("[]")).hasMessage("record: is no JSON object: found array");
    assertThatThrownBy(() -> parse("{\"a\":" + "[".repeat(100)))
        .hasMessage(
            "record: is no JSON object: Document nesting depth (65) exceeds the maximum allowed"
                + " (64)");
  }
}
