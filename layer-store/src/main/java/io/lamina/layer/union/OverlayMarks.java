package io.lamina.layer.union;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import java.io.IOException;

/** Stores in a layer of overlay's what the layer's tar says by whiteouts, which are aufs' own. */
public final class OverlayMarks {
  private static final OverlayRules RULES = (OverlayRules) UnionRules.OVERLAY.rules();
  private static final Owner ROOT = new Owner(0, 0);

  private OverlayMarks() {}

  /**
   * Stores one.
   *
   * @param directory the layer's own directory
   * @param whiteout the name of the tar's entry
   */
  public static void store(Node directory, Name whiteout) throws IOException {
    if (whiteout.equals(Whiteouts.OPAQUE)) {
      RULES.markOpaque(directory);
    } else if (Whiteouts.isWhiteout(whiteout)) {
      Name hidden = Whiteouts.hiddenBy(whiteout);
      if (directory.child(hidden) == null) {
        directory.create(hidden, new NewFile(FileType.CHARACTER_DEVICE, 0, 0, ROOT, 0, 0));
      }
    }
  }
}
