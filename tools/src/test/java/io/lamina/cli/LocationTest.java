package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class LocationTest {
  private static Predicate<Path> pools(String... paths) {
    Set<String> known = Set.of(paths);
    return path -> known.contains(path.toString());
  }

  private static String parts(Location location) {
    return location.source() + " | " + location.volume() + " | " + location.path();
  }

  @Test
  void theLongestBeginningThatIsAPoolIsTheSource() {
    String text = "/p:1/x:2/y:z";
    assertThat(parts(Location.parse(text, false, pools("/p")))).isEqualTo("/p | 1 | /x:2/y:z");
    assertThat(parts(Location.parse(text, false, pools("/p", "/p:1/x"))))
        .isEqualTo("/p:1/x | 2 | /y:z");
  }

  @Test
  void whereNothingIsAPoolTheFirstColonCounts() {
    assertThat(parts(Location.parse("/p:1/a:b", false, pools()))).isEqualTo("/p | 1 | /a:b");
  }

  @Test
  void wherePoolOptionsAreGivenOnlyTheVolumeIsNamed() {
    assertThat(parts(Location.parse(":1/a:b", true, pools()))).isEqualTo("null | 1 | /a:b");
    assertThat(parts(Location.parse("1/a", true, pools()))).isEqualTo("null | 1 | /a");
    assertThat(parts(Location.parse("1", true, pools()))).isEqualTo("null | 1 | ");
  }

  @Test
  void wherePoolOptionsAreGivenADockerRootIsStillTheSource() {
    assertThat(parts(Location.parse("/r:1/a:b", true, pools("/r")))).isEqualTo("/r | 1 | /a:b");
    assertThat(parts(Location.parse(":1/a:b", true, pools("/r")))).isEqualTo("null | 1 | /a:b");
  }

  @Test
  void whatNamesNoVolumeIsRefused() {
    for (String text : new String[] {"", "/p", ":1/x", "/p:", "/p:/x"}) {
      assertThatThrownBy(() -> Location.parse(text, false, pools("/p")))
          .isInstanceOf(TypeConversionException.class);
    }
  }

  @Test
  void theLastNameIsWhatACopyIsCalled() {
    assertThat(Location.parse("/p:1/a/b//", false, pools()).lastName()).isEqualTo("b");
    assertThat(Location.parse("/p:1/", false, pools()).lastName()).isEmpty();
    assertThat(Location.parse("/p:1/a/.", false, pools()).lastName()).isEqualTo(".");
  }
}
