package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.cli.UnionOptions.BranchPlace;
import io.lamina.cli.UnionOptions.Place;
import io.lamina.layer.union.Branch.Mode;
import io.lamina.layer.union.UnionRules;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnionOptionsTest {
  private static UnionOptions parse(String... options) {
    return UnionOptions.parse(List.of(options), path -> path.equals(Path.of("/srv/pool")));
  }

  private static BranchPlace onHost(String path, Mode mode) {
    return new BranchPlace(new Place(path, null), mode);
  }

  private static BranchPlace inPool(String volume, String path, Mode mode) {
    String text = "/srv/pool:" + volume + path;
    return new BranchPlace(new Place(text, new Location(text, "/srv/pool", volume, path)), mode);
  }

  @Test
  void directoriesOfVolumesNeedNoBackslash() {
    UnionOptions options =
        parse("br:/srv/pool:web/a=rw:/srv/pool:base=ro+wh:/srv/pool\\:x/y:/a\\:b:/srv/pool:/c");
    assertThat(options.branches())
        .containsExactly(
            inPool("web", "/a", Mode.WRITABLE),
            inPool("base", "", Mode.READ_ONLY_WITH_WHITEOUTS),
            inPool("x", "/y", Mode.READ_ONLY),
            onHost("/a:b", Mode.READ_ONLY),
            onHost("/srv/pool", Mode.READ_ONLY),
            onHost("/c", Mode.READ_ONLY));
    options = parse("lowerdir=/srv/pool:base:/l,upperdir=/srv/pool:v/u,workdir=/srv/pool:v/w");
    assertThat(options.branches())
        .containsExactly(
            inPool("v", "/u", Mode.WRITABLE),
            inPool("base", "", Mode.READ_ONLY_WITH_WHITEOUTS),
            onHost("/l", Mode.READ_ONLY_WITH_WHITEOUTS));
    assertThat(options.workDirectory()).isEqualTo(inPool("v", "/w", Mode.WRITABLE).place());
  }

  @Test
  void takesBranchesInAufsWords() {
    UnionOptions options = parse("br:/rw=rw:/b=ro+wh:/c=ro,dio,dirperm1");
    assertThat(options.rules()).isEqualTo(UnionRules.AUFS);
    assertThat(options.branches())
        .containsExactly(
            onHost("/rw", Mode.WRITABLE),
            onHost("/b", Mode.READ_ONLY_WITH_WHITEOUTS),
            onHost("/c", Mode.READ_ONLY));
  }

  @Test
  void theFirstBranchIsWritableUnlessItSaysOtherwise() {
    assertThat(parse("br=/a:/b", "ro").branches())
        .containsExactly(onHost("/a", Mode.WRITABLE), onHost("/b", Mode.READ_ONLY));
  }

  @Test
  void takesDirectoriesInOverlaysWords() {
    UnionOptions options = parse("lowerdir=/b\\:1:/a\\,2,upperdir=/u", "workdir=/w,userxattr");
    assertThat(options.rules()).isEqualTo(UnionRules.OVERLAY_USER);
    assertThat(options.workDirectory()).isEqualTo(new Place("/w", null));
    assertThat(options.branches().stream().map(branch -> branch.place().path()))
        .containsExactly("/u", "/b:1", "/a,2");
  }

  @Test
  void refusesWhatMakesNoUnion() {
    assertRefused("allow_other", "expected -o");
    assertRefused("br:/a=rw:/b=rw", "only the first");
    assertRefused("br:/a=sometimes", "sometimes");
    assertRefused("lowerdir=/a,upperdir=/b", "workdir");
    assertRefused("lowerdir=/a,redirect_dir=on", "redirect_dir=on");
    assertRefused("br:/a,frobnicate", "frobnicate");
    assertRefused("br:/a" + ":/b".repeat(128), "129 branches");
  }

  private static void assertRefused(String options, String why) {
    assertThatThrownBy(() -> parse(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }
}
