package io.lamina.layer;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.layer.change.Notation;
import io.lamina.layer.union.Branch;
import io.lamina.layer.union.UnionRules;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * How a docker driver with unions stores what is gone: as the union's rules have it.
 *
 * @param layer the stored layer
 */
record StoredNotation(UnionRules rules, Branch layer) implements Notation {
  @Override
  public Meaning meaning(Node directory, Name entry, FileType type) throws IOException {
    @Nullable Name hidden = rules.hiddenName(layer, directory, entry, type);
    if (hidden != null) {
      return Meaning.deleted(hidden);
    }
    return rules.isShown(layer, directory, entry, type) ? Meaning.FILE : Meaning.MARKER;
  }

  @Override
  public boolean isOpaque(Node directory) throws IOException {
    return rules.isOpaqueDirectory(layer, directory);
  }

  /** Docker compares whole trees for overlay, and reads off layers for aufs. */
  @Override
  public boolean changesWithContent() {
    return rules != UnionRules.AUFS;
  }
}
