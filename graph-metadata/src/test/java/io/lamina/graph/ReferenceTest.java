package io.lamina.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
  private static final String SHA = "sha256:" + "ab".repeat(32);

  @ParameterizedTest
  @CsvSource({
    "app, docker.io, library/app, app:latest",
    "app:1, docker.io, library/app, app:1",
    "library/app, docker.io, library/app, app:latest",
    "docker.io/app, docker.io, library/app, app:latest",
    "index.docker.io/team/app, docker.io, team/app, team/app:latest",
    "team/app, docker.io, team/app, team/app:latest",
    "library/team/app, docker.io, library/team/app, library/team/app:latest",
    "localhost/app, localhost, app, localhost/app:latest",
    "localhost:5000/app:v1, localhost:5000, app, localhost:5000/app:v1",
    "registry.example.com/team/app:stable, registry.example.com, team/app,"
        + " registry.example.com/team/app:stable",
    "[::1]:5000/a__b/c-d.e, [::1]:5000, a__b/c-d.e, [::1]:5000/a__b/c-d.e:latest",
    "Upper/app, Upper, app, Upper/app:latest"
  })
  void isCompletedAsDockerDoes(String text, String domain, String path, String familiar) {
    Reference reference = Reference.parse(text).withDefaultTag();
    assertThat(reference.domain()).isEqualTo(domain);
    assertThat(reference.path()).isEqualTo(path);
    assertThat(reference.familiar()).isEqualTo(familiar);
  }

  @Test
  void aDigestNeedsNoTag() {
    Reference reference = Reference.parse("app:1@" + SHA).withDefaultTag();
    assertThat(reference.tag()).isEqualTo("1");
    assertThat(reference.digest()).isEqualTo(SHA);
    assertThat(Reference.parse("app@" + SHA).withDefaultTag().familiar()).isEqualTo("app@" + SHA);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":1",
        "app:",
        "app:-x",
        "a/../b",
        "a//b",
        "-app",
        "app-",
        "a___b",
        "app@",
        "app@x",
        "app:1:2",
        "http://x/app",
        "a b",
        "app\n",
        "registry.example.com/"
      })
  void whatIsNoNameIsRefused(String text) {
    assertThatThrownBy(() -> Reference.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("invalid reference format");
  }

  @Test
  void saysWhyANameIsRefusedWhereDockerDoes() {
    assertThatThrownBy(() -> Reference.parse("team/App")).hasMessageContaining("must be lowercase");
    assertThatThrownBy(() -> Reference.parse("a".repeat(256)))
        .hasMessageContaining("must not be more than 255 characters");
    assertThatThrownBy(() -> Reference.parse("ab".repeat(32)))
        .hasMessageContaining("64-byte hexadecimal");
  }
}
