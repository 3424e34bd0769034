package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.images.Fixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code lamina images} with names, patterns and filters, on a root of docker's. */
class ImageFiltersTest {
  private static CommandRun images(List<String> args) throws IOException {
    List<String> all = new ArrayList<>(List.of("images", "--format", "{{.Repository}}:{{.Tag}}"));
    all.addAll(List.of("--root", Fixture.DOCKER17_AUFS.dockerRoot().toString()));
    all.addAll(args);
    return CommandRun.of(all.toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({
    "app*, app:committed app:1",
    "*:1, app:1 gone:1",
    "registry.example.com/*/app, registry.example.com/team/app:stable",
    "*/*/*:st?ble, registry.example.com/team/app:stable",
    "docker.io/library/base:also, base:also",
    "--filter=reference=b[a-z]se, base:also base:latest",
    "--filter=dangling=true, <none>:<none>",
    "--filter=before=app:1, base:also base:latest",
    "--filter=label=maintainer=fixture --filter=dangling=0,"
        + " app:committed app:1 registry.example.com/team/app:stable",
    "--filter=label=maintainer=somebody, ''",
    "--filter=label=nothing, ''"
  })
  void onlyThoseThatAreMeantAreListed(String args, String expected) throws IOException {
    CommandRun run = images(List.of(args.split(" ", -1)));
    assertThat(run.err()).isEmpty();
    List<String> names = expected.isEmpty() ? List.of() : List.of(expected.split(" ", -1));
    assertThat(run.out().lines()).containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void aFilterThatIsNoneIsWrongUsage() throws IOException {
    for (String filter : List.of("x=1", "dangling=maybe", "reference=a[", "dangling")) {
      CommandRun run = images(List.of("--filter", filter));
      assertThat(run.exitCode()).as(filter).isEqualTo(2);
      assertThat(run.out()).isEmpty();
    }
    assertThat(images(List.of("--filter", "since=nothing")).err())
        .isEqualTo("lamina: No such image: nothing\n");
  }
}
