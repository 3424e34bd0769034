package io.lamina.thin;

/** What a pool can do just now, in the words of {@code dmsetup status}. */
public enum PoolMode {
  /** Reads and writes. */
  WRITE("rw"),
  /** Reads, and overwrites what is mapped already; nothing new can be mapped. */
  OUT_OF_DATA_SPACE("out_of_data_space"),
  /** Reads. */
  READ_ONLY("ro"),
  /** Nothing: an error left it in a state that is not known. */
  FAIL("Fail");

  private final String word;

  PoolMode(String word) {
    this.word = word;
  }

  /** The kernel's word for it. */
  public String word() {
    return word;
  }
}
