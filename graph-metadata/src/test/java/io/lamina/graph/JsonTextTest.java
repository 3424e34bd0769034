package io.lamina.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {
  @TempDir private Path directory;

  private Path document(String text) throws IOException {
    return Files.writeString(directory.resolve("json"), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"parent\":\"a\"}",
        "{\"parent\":null}",
        "{\"parent\":\"a\",\"parent\":\"b\"}",
        "{\"config\":{\"parent\":\"no\",\"list\":[{\"parent\":1}]},\"parent\":\"\\u00e4\"} ",
        "{\"Parent\":\"a\"}"
      })
  void isWhatTheWholeDocumentSays(String text) throws IOException {
    Path file = document(text);
    assertThat(JsonText.read(file, "parent")).isEqualTo(JsonObject.read(file).text("parent"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{\"parent\":1}",
        "{\"parent\":{}}",
        "{\"parent\":\"a\"",
        "{\"parent\":\"a\"} x",
        "{\"parent\":\"a\",\"b\":tru}"
      })
  void isRefusedWhereTheWholeDocumentIsInTheSameWords(String text) throws IOException {
    Path file = document(text);
    assertThatThrownBy(() -> JsonText.read(file, "parent"))
        .isInstanceOf(IOException.class)
        .satisfies(
            told ->
                assertThatThrownBy(() -> JsonObject.read(file).text("parent"))
                    .hasMessage(told.getMessage()));
  }

  @Test
  void aMissingDocumentIsNamed() {
    Path file = directory.resolve("nowhere");
    assertThatThrownBy(() -> JsonText.read(file, "parent")).hasMessageContaining("nowhere");
  }
}
