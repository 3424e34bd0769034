package io.lamina.thin.compare;

import java.util.Locale;

/** How the mappings of two devices compare over a range of virtual blocks. */
public enum Difference {
  /** Both map it, to the same data blocks. */
  SAME,
  /** Both map it, to different data blocks. */
  DIFFERENT,
  /** Only the first maps it. */
  LEFT_ONLY,
  /** Only the second maps it. */
  RIGHT_ONLY;

  /** What thin_delta calls it. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
