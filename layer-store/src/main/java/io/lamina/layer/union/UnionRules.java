package io.lamina.layer.union;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** By whose rules directories are shown as one, and changed. */
public enum UnionRules {
  /** Of aufs: names that begin with {@code .wh.}. */
  AUFS(new AufsRules()),
  /** Of overlayfs: device nodes 0:0, and attributes in {@code trusted.}. */
  OVERLAY(new OverlayRules("trusted.overlay.")),
  /** Of overlayfs mounted with {@code userxattr}: attributes in {@code user.}. */
  OVERLAY_USER(new OverlayRules("user.overlay.")),
  /** Of layers of either kind, to be read: files of an ordinary user, who may have got them. */
  OVERLAY_EITHER(new OverlayRules("trusted.overlay.", "user.overlay."));

  @SuppressWarnings("ImmutableEnumChecker") // has only final names
  private final RuleSet rules;

  UnionRules(RuleSet rules) {
    this.rules = rules;
  }

  /** The name that an entry of a branch's directory hides; null where it hides none. */
  public @Nullable Name hiddenName(Branch branch, Node directory, Name entry, FileType type)
      throws IOException {
    return rules.meaning(branch, directory, entry, type).hidden();
  }

  /** Whether an entry of a branch's directory is an ordinary file. */
  public boolean isShown(Branch branch, Node directory, Name entry, FileType type)
      throws IOException {
    return rules.meaning(branch, directory, entry, type).shown() != null;
  }

  /** Whether a branch's directory hides what lies in those of its name below. */
  public boolean isOpaqueDirectory(Branch branch, Node directory) throws IOException {
    return rules.isOpaque(branch, directory);
  }

  RuleSet rules() {
    return rules;
  }
}
