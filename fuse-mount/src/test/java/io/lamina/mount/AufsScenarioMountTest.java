package io.lamina.mount;

import io.lamina.fuse.Fuse;
import io.lamina.layer.union.HostBranches;
import io.lamina.layer.union.UnionTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** What aufs did, done in a mount as {@code lamina union} makes it. */
class AufsScenarioMountTest extends MountedScenarioContract {
  private @TempDir Path home;

  @Override
  protected Place place() {
    return new HostBranches(home, AufsScenarioMountTest::show);
  }

  private static Shown show(UnionTree union) throws IOException {
    MountOptions options = MountOptions.parse(List.of("allow_other"));
    Fuse mount = new Fuse(union, options.toFuse("union", union.isWritable()));
    return unionOps().shown(mount.directory, mount::close);
  }
}
