package io.lamina.layer.image;

/** What kinds of machines are called in images' records. */
public final class Architecture {
  private Architecture() {}

  /** This machine's, in Go's words. */
  public static String ofThisMachine() {
    String name = System.getProperty("os.arch", "");
    return switch (name) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      case "x86", "i386", "i686" -> "386";
      default -> name;
    };
  }
}
