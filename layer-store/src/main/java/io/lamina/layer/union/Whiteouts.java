package io.lamina.layer.union;

import io.lamina.fs.Name;

/**
 * The names that aufs keeps for itself.
 *
 * @see <a href="https://github.com/sfjro/aufs-linux/blob/aufs6.1/fs/aufs/whout.c">whout.c</a> of
 *     aufs, and the scenarios of {@code aufs-union} that it ran
 */
public final class Whiteouts {
  /** What a name begins with that hides another, or that aufs needs. */
  private static final String PREFIX = ".wh.";

  /** What the names begin with that hide nothing. */
  private static final String OWN_PREFIX = ".wh..wh.";

  /** Makes its directory opaque: nothing below shows through. */
  public static final Name OPAQUE = Name.ofLatin1(".wh..wh..opq");

  /** In a writable root: whiteouts are hard links of it. */
  public static final Name BASE = Name.ofLatin1(".wh..wh.aufs");

  /** In a writable root: a directory for files that are open and have no name. */
  public static final Name ORPHANS = Name.ofLatin1(".wh..wh.orph");

  /** In a writable root: a directory for files of which a lower branch has more names. */
  public static final Name PSEUDO_LINKS = Name.ofLatin1(".wh..wh.plnk");

  /** Longest name beside which a whiteout can be made, as aufs has it. */
  public static final int NAME_MAX_BYTES = 242;

  private Whiteouts() {}

  /** Whether a name is no ordinary one. */
  public static boolean isReserved(Name name) {
    return name.latin1().startsWith(PREFIX);
  }

  /** Whether a reserved name hides another. */
  public static boolean isWhiteout(Name name) {
    return isReserved(name) && !name.latin1().startsWith(OWN_PREFIX);
  }

  /** Whether aufs keeps something of that name in a branch for itself, which is no part of it. */
  public static boolean isAufsOwn(Name name) {
    return isReserved(name) && !isWhiteout(name) && !name.equals(OPAQUE);
  }

  /** The name that hides another in the branches below. */
  public static Name of(Name hidden) {
    return Name.ofLatin1(PREFIX + hidden.latin1());
  }

  /** The name that a whiteout hides. */
  public static Name hiddenBy(Name whiteout) {
    return Name.ofLatin1(whiteout.latin1().substring(PREFIX.length()));
  }
}
