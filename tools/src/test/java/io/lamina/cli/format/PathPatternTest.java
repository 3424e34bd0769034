package io.lamina.cli.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathPatternTest {
  @ParameterizedTest
  @CsvSource({
    "abc, abc, true",
    "*, abc, true",
    "*c, abc, true",
    "a*, abc, true",
    "a*, ab/c, false",
    "a*/b, abc/b, true",
    "a*/b, a/c/b, false",
    "ab[c], abc, true",
    "ab[b-d], abc, true",
    "ab[e-g], abc, false",
    "ab[^c], abc, false",
    "ab[^e-g], abc, true",
    "a\\*b, a*b, true",
    "a\\*b, ab, false",
    "a?b, axb, true",
    "a?b, a/b, false",
    "a[^a]b, a/b, false",
    "[a-ζ]*, α, true",
    "*[a-ζ], A, false",
    "[\\]a], ], true",
    "[\\-x], -, true",
    "*x, xxx, true",
    "a.c, abc, false"
  })
  void matchesAsInGo(String pattern, String name, boolean expected) {
    assertThat(PathPattern.compile(pattern).matcher(name).matches()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]a]", "[-]", "[x-]", "[-x]", "a[", "[a-b-c]", "[", "[^", "[^bc", "\\"})
  void whatBreaksTheFormIsRefused(String pattern) {
    assertThatThrownBy(() -> PathPattern.compile(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("syntax error in pattern");
  }
}
