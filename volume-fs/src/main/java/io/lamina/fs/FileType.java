package io.lamina.fs;

/** The kinds of file that POSIX knows, with their bits of {@code st_mode}. */
public enum FileType {
  FIFO(0x1000),
  CHARACTER_DEVICE(0x2000),
  DIRECTORY(0x4000),
  BLOCK_DEVICE(0x6000),
  REGULAR(0x8000),
  SYMLINK(0xa000),
  SOCKET(0xc000);

  /** The bits of {@code st_mode} that hold the type. */
  public static final int MODE_MASK = 0xf000;

  private final int modeBits;

  FileType(int modeBits) {
    this.modeBits = modeBits;
  }

  /** Its bits of {@code st_mode}: {@code S_IFREG} and the like. */
  public int modeBits() {
    return modeBits;
  }
}
