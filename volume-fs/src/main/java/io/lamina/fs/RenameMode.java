package io.lamina.fs;

/** What a rename does with a file that already has the new name. */
public enum RenameMode {
  /** It loses that name. */
  REPLACE,
  /** The rename fails with EEXIST. */
  NO_REPLACE,
  /** The two change places; ENOENT where there is none. */
  EXCHANGE
}
