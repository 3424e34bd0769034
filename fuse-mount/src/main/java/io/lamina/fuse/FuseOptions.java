package io.lamina.fuse;

import java.util.ArrayList;
import java.util.List;

/**
 * How a tree is shown.
 *
 * @param source what the table of mounts shows as its source
 * @param allowOther whether other users may come in; then files' modes are always checked
 * @param defaultPermissions whether the kernel checks files' modes; without it, whoever may come in
 *     may read all
 * @param nonEmpty whether the directory may hold something, which is then hidden
 * @param threadCount threads that answer requests, of which one at a time waits for the next
 * @param throughLibFuse answer through libfuse's high level also where the kernel speaks the newer
 *     protocol
 */
public record FuseOptions(
    String source,
    boolean allowOther,
    boolean defaultPermissions,
    boolean nonEmpty,
    int threadCount,
    boolean throughLibFuse) {
  /** What stands in the table of mounts as the type, after {@code fuse.}. */
  public static final String SUBTYPE = "lamina";

  /** As many as are of use while each waits for a disk: more only wait for each other. */
  public static final int THREAD_COUNT = 4;

  /** How long libfuse lets the kernel keep what it was told, where libfuse answers. */
  private static final String LASTING =
      "attr_timeout=86400,entry_timeout=86400,negative_timeout=86400";

  /** The same where files change: to libfuse the names of one file are different files. */
  private static final String SHORT_LIVED = "attr_timeout=0,entry_timeout=1";

  /** For the user who mounts, as is usual. */
  public static FuseOptions of(String source) {
    return new FuseOptions(source, false, false, false, THREAD_COUNT, false);
  }

  boolean kernelChecksAccess() {
    return allowOther || defaultPermissions;
  }

  /** As {@code fuse_mount} takes them. */
  String mountOptions(int maxReadBytes, boolean writable) {
    List<String> options = new ArrayList<>();
    options.add(writable ? "rw" : "ro");
    options.add(writable ? SHORT_LIVED : LASTING);
    options.add("subtype=" + SUBTYPE);
    options.add("fsname=" + source.replace("\\", "\\\\").replace(",", "\\,"));
    options.add("max_read=" + maxReadBytes);
    if (allowOther) {
      options.add("allow_other");
    }
    if (kernelChecksAccess()) {
      options.add("default_permissions");
    }
    if (nonEmpty) {
      options.add("nonempty");
    }
    return String.join(",", options);
  }
}
