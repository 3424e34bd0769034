package io.lamina.layer.union;

/** By whose rules directories are shown as one, and changed. */
public enum UnionRules {
  /** Of aufs: names that begin with {@code .wh.}. */
  AUFS(new AufsRules()),
  /** Of overlayfs: device nodes 0:0, and attributes in {@code trusted.}. */
  OVERLAY(new OverlayRules("trusted.overlay.")),
  /** Of overlayfs mounted with {@code userxattr}: attributes in {@code user.}. */
  OVERLAY_USER(new OverlayRules("user.overlay."));

  @SuppressWarnings("ImmutableEnumChecker") // has only final names
  private final RuleSet rules;

  UnionRules(RuleSet rules) {
    this.rules = rules;
  }

  RuleSet rules() {
    return rules;
  }
}
