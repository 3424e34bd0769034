package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.cli.UnionOptions.BranchPath;
import io.lamina.layer.union.Branch.Mode;
import io.lamina.layer.union.UnionRules;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnionOptionsTest {
  @Test
  void takesBranchesInAufsWords() {
    UnionOptions options = UnionOptions.parse(List.of("br:/rw=rw:/b=ro+wh:/c=ro,dio,dirperm1"));
    assertThat(options.rules()).isEqualTo(UnionRules.AUFS);
    assertThat(options.branches())
        .containsExactly(
            new BranchPath("/rw", Mode.WRITABLE),
            new BranchPath("/b", Mode.READ_ONLY_WITH_WHITEOUTS),
            new BranchPath("/c", Mode.READ_ONLY));
  }

  @Test
  void theFirstBranchIsWritableUnlessItSaysOtherwise() {
    assertThat(UnionOptions.parse(List.of("br=/a:/b", "ro")).branches())
        .containsExactly(new BranchPath("/a", Mode.WRITABLE), new BranchPath("/b", Mode.READ_ONLY));
  }

  @Test
  void takesDirectoriesInOverlaysWords() {
    UnionOptions options =
        UnionOptions.parse(List.of("lowerdir=/b\\:1:/a\\,2,upperdir=/u", "workdir=/w,userxattr"));
    assertThat(options.rules()).isEqualTo(UnionRules.OVERLAY_USER);
    assertThat(options.workDirectory()).isEqualTo("/w");
    assertThat(options.branches().stream().map(BranchPath::path))
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
  }

  private static void assertRefused(String options, String why) {
    assertThatThrownBy(() -> UnionOptions.parse(List.of(options)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }
}
