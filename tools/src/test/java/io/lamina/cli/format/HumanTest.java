package io.lamina.cli.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0B",
    "7, 7B",
    "999, 999B",
    "1000, 1kB",
    "1234, 1.23kB",
    "999600, 1e+03kB",
    "1985326, 1.99MB",
    "6179986, 6.18MB",
    "10500000, 10.5MB",
    "1234567890123, 1.23TB",
    "9223372036854775807, 9.22EB"
  })
  void sizesHaveThreeDigits(long bytes, String text) {
    assertThat(Human.size(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "-5, Less than a second",
    "0, Less than a second",
    "1, 1 second",
    "59, 59 seconds",
    "60, About a minute",
    "120, 2 minutes",
    "3599, 59 minutes",
    "3600, About an hour",
    "5399, About an hour",
    "5400, 2 hours",
    "172799, 2 days",
    "172800, 2 days",
    "1209599, 2 weeks",
    "1209600, 2 weeks",
    "5184000, 2 months",
    "63072000, 2 years",
    "315360000, 10 years",
    "63900000000, 292 years"
  })
  void agesAreRough(long seconds, String text) {
    assertThat(Human.duration(Duration.ofSeconds(seconds))).isEqualTo(text);
  }

  @Test
  void whatCannotBeSeenIsQuoted() {
    assertThat(Human.quoted("a\"b\\\n\u0001\u007f\u00e9"))
        .isEqualTo("\"a\\\"b\\\\\\n\\x01\\x7f\u00e9\"");
  }

  private static String aligned(String... lines) throws IOException {
    TabWriter table = new TabWriter();
    for (String line : lines) {
      table.add(line);
    }
    StringBuilder written = new StringBuilder();
    table.write(written::append);
    return written.toString();
  }

  @Test
  void columnsAreAsWideAsTheirRun() throws IOException {
    assertThat(aligned("A\tB\tC", "longer than ten\tx\ty"))
        .isEqualTo("A                 B         C\nlonger than ten   x         y\n");
    assertThat(aligned("no tab\na\tb")).isEqualTo("no tab\na         b\n");
    assertThat(aligned()).isEmpty();
  }
}
