package io.lamina.fs;

/** Whether an extended attribute has to be there before it is set. */
public enum XattrMode {
  /** It may be there or not. */
  ANY,
  /** EEXIST where it is. */
  CREATE,
  /** ENODATA where it is not. */
  REPLACE
}
