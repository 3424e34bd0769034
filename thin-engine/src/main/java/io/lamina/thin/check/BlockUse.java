package io.lamina.thin.check;

/** What a metadata block is used as. */
enum BlockUse {
  SUPERBLOCK("superblock"),
  DEVICES("device tree node"),
  MAPPINGS("mapping tree node"),
  DETAILS("device details tree node"),
  DATA_INDEX("data space map index tree node"),
  DATA_OVERFLOW("data space map overflow tree node"),
  DATA_BITMAP("data space map bitmap"),
  METADATA_INDEX("metadata space map index"),
  METADATA_OVERFLOW("metadata space map overflow tree node"),
  METADATA_BITMAP("metadata space map bitmap");

  private final String structure;

  BlockUse(String structure) {
    this.structure = structure;
  }

  /** What to call it in a message. */
  String structure() {
    return structure;
  }

  /** What to call the tree, where it is a node of one. */
  String tree() {
    return structure.substring(0, structure.indexOf(" tree node"));
  }
}
