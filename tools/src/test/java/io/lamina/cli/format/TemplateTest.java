package io.lamina.cli.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {
  private static final Map<String, Object> VALUE = value();

  private static Map<String, Object> value() {
    Map<String, Object> value = new HashMap<>();
    value.put("Id", "sha256:ab<c>");
    value.put("Names", List.of("a", "b"));
    value.put("Env", Map.of("K", "v", "A.B", "dotted"));
    value.put("Size", 42);
    value.put("Running", false);
    value.put("Nothing", null);
    value.put("Mixed", Arrays.asList(1, null, true));
    return value;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '#',
      value = {
        "{{.Id}}: {{.Size}} | sha256:ab<c>: 42",
        "{{json .Id}} | \"sha256:ab<c>\"",
        "{{json .Names}} | [\"a\",\"b\"]",
        "{{json .Mixed}} | [1,null,true]",
        "{{.Names}} {{.Nothing}} {{.Env}} | [a b] <no value> map[A.B:dotted K:v]",
        "{{.ID}} | sha256:ab<c>",
        "{{.Env.K}}{{index .Env \"A.B\"}}{{index .Names 1}} | vdottedb",
        "{{range .Names}}<{{.}}>{{else}}none{{end}} | <a><b>",
        "{{range .Nothing}}x{{else}}none{{end}} | none",
        "{{if .Running}}up{{else if .Size}}sized{{else}}down{{end}} | sized",
        "{{if eq .Size 42}}yes{{end}}{{if not .Running}}!{{end}} | yes!",
        "{{join .Names \",\"}} {{upper .Id}} {{len .Names}} | a,b SHA256:AB<C> 2",
        "#{{.Names | json | upper}}# | [\"A\",\"B\"]",
        "x {{- .Size -}} y | x42y",
        "{{(index .Names 0)}}{{/* a comment */}} | a",
        "{{truncate .Id 6}} {{title `two words`}} | sha256 Two Words",
      })
  void isFilledInAsGoDoes(String template, String expected) {
    String text =
        template.startsWith("#") ? template.substring(1, template.length() - 1) : template;
    assertThat(Template.parse(text).render(VALUE)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{{with .Id}}{{end}} | {{with}} is not supported",
        "{{$x := .Id}} | variables are not supported: $x",
        "{{printf `%s` .Id}} | function \"printf\" is not supported",
        "{{.Id | unclosed action",
        "{{end}} | unexpected {{end}}",
        "{{if .Id}} | {{end}} is missing",
        "{{}} | missing value for command",
        "{{.Id.X}} | can't evaluate field X in a value without fields",
        "{{.Gone}} | no field Gone; there are [",
        "{{range .Size}}{{end}} | range can't iterate over 42",
        "{{json}} | wrong number of args for json: 0",
        "{{.Id .Size}} | unexpected .Size",
        "{{(.Id}} | unclosed (",
        "{{upper .Size}} | upper wants text, found 42"
      })
  void whatItDoesNotKnowIsRefusedByName(String template, String expected) {
    assertThatThrownBy(() -> Template.parse(template).render(VALUE))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining(expected);
  }

  @ParameterizedTest
  @CsvSource({"(", "{{if .}}"})
  void depthDoesNotBringItDown(String piece) {
    String deep = piece.equals("(") ? "{{" + "(".repeat(100_000) + "}}" : piece.repeat(100_000);
    assertThatThrownBy(() -> Template.parse(deep)).isInstanceOf(TemplateException.class);
  }
}
