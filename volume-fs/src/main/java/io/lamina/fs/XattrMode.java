package io.lamina.fs;

/** Whether an extended attribute has to be there before it is set. */
public enum XattrMode {
  /** It may be there or not. */
  ANY,
  /** EEXIST where it is. */
  CREATE,
  /** ENODATA where it is not. */
  REPLACE,
  /** Both, as {@code setxattr} can ask for it: never set. */
  CREATE_AND_REPLACE;

  /** Whether one that is there may be set. */
  public boolean allowsPresent() {
    return this == ANY || this == REPLACE;
  }

  /** Whether one that is not there may be set. */
  public boolean allowsMissing() {
    return this == ANY || this == CREATE;
  }
}
