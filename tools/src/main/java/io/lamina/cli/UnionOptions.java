package io.lamina.cli;

import io.lamina.layer.union.Branch;
import io.lamina.layer.union.UnionRules;
import io.lamina.layer.union.UnionTree;
import io.lamina.mount.MountOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The options of a union, in aufs' words or in overlay's, and those of its mount. A backslash takes
 * from a comma, a colon, an equals sign or a backslash what it means.
 *
 * @param branches topmost first
 * @param workDirectory of a writable overlay, else null
 */
record UnionOptions(
    List<BranchPlace> branches,
    @Nullable Place workDirectory,
    UnionRules rules,
    MountOptions mount) {
  /** For a usage message. */
  static final String KNOWN =
      "br:DIR[=rw|ro|ro+wh][:DIR...], or lowerdir=DIR[:DIR...],upperdir=DIR,workdir=DIR[,userxattr]";

  /**
   * Where a directory of the union is.
   *
   * @param path as it was given, one character a byte
   * @param inPool the same as a directory of a volume, or of a docker root; null on the host
   */
  record Place(String path, @Nullable Location inPool) {
    @Override
    public String toString() {
      return Text.display(path);
    }
  }

  /** One directory of the union. */
  record BranchPlace(Place place, Branch.Mode mode) {}

  /**
   * Takes the texts of {@code -o} apart.
   *
   * @param isPool whether something is a pool, whose directories are named {@link Location#FORM}
   */
  static UnionOptions parse(List<String> texts, Predicate<Path> isPool) {
    Parser parser = new Parser(isPool);
    for (String text : texts) {
      for (String option : split(text, ',')) {
        parser.take(option);
      }
    }
    return parser.result();
  }

  /** Splits where a separator has no backslash before it; backslashes stay. */
  static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int at = 0; at < text.length(); at++) {
      if (text.charAt(at) == '\\') {
        at++;
      } else if (text.charAt(at) == separator) {
        parts.add(text.substring(start, at));
        start = at + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  private static String plain(String text) {
    return text.replaceAll("(?s)\\\\(.)", "$1");
  }

  /** Takes option by option. */
  private static final class Parser {
    private final Predicate<Path> isPool;
    private final List<BranchPlace> aufs = new ArrayList<>();
    private final List<Place> lower = new ArrayList<>();
    private final List<String> ofTheMount = new ArrayList<>();
    private @Nullable Place upper;
    private @Nullable Place work;
    private boolean userXattr;

    Parser(Predicate<Path> isPool) {
      this.isPool = isPool;
    }

    void take(String option) {
      int equals = option.indexOf('=');
      String value = option.substring(equals + 1);
      switch (equals < 0 ? option : option.substring(0, equals)) {
        case "br", "dirs" -> takeBranches(value);
        case "lowerdir" -> splitPlaces(value).forEach(path -> lower.add(place(path)));
        case "upperdir" -> upper = place(value);
        case "workdir" -> work = place(value);
        case "userxattr" -> userXattr = true;
        // What docker asks of aufs, and the kernel's defaults: all that is so here.
        case "dio", "dirperm1", "xino", "noxino" -> {}
        case "index", "metacopy", "nfs_export" -> requireOff(option, value);
        case "redirect_dir" -> requireNoNewRedirects(option, value);
        default -> takeOther(option);
      }
    }

    private void takeOther(String option) {
      if (option.startsWith("br:")) {
        takeBranches(option.substring(3));
      } else {
        ofTheMount.add(option);
      }
    }

    private void takeBranches(String value) {
      for (String branch : splitPlaces(value)) {
        List<String> parts = split(branch, '=');
        String mode = parts.size() == 1 ? aufs.isEmpty() ? "rw" : "ro" : parts.get(1);
        if (parts.size() > 2 || parts.get(0).isEmpty()) {
          throw new IllegalArgumentException("branch '" + branch + "' is no DIR or DIR=MODE");
        }
        aufs.add(new BranchPlace(place(parts.get(0)), mode(mode)));
      }
    }

    /**
     * Splits a list at its colons, but for those between a pool and its volume: what follows a pool
     * is one, unless it can only be a path of the host.
     */
    private List<String> splitPlaces(String text) {
      List<String> places = new ArrayList<>();
      boolean afterPool = false;
      for (String part : split(text, ':')) {
        if (afterPool && !part.matches("(?s)\\.{0,2}/.*")) {
          int last = places.size() - 1;
          places.set(last, places.get(last) + ":" + part);
          afterPool = false;
        } else {
          places.add(part);
          afterPool = isPool(plain(part));
        }
      }
      return places;
    }

    private boolean isPool(String path) {
      return !path.isEmpty() && Text.decode(path) != null && isPool.test(Text.hostPath(path));
    }

    private Place place(String escaped) {
      String path = plain(escaped);
      if (path.indexOf(':') <= 0) {
        return new Place(path, null);
      }
      Location location = Location.parse(path, false, isPool);
      String source = String.valueOf(location.source());
      return new Place(path, isPool(source) ? location : null);
    }

    private Branch.Mode mode(String mode) {
      return switch (mode) {
        case "rw" -> Branch.Mode.WRITABLE;
        case "ro", "rr" -> Branch.Mode.READ_ONLY;
        case "ro+wh", "rr+wh" -> Branch.Mode.READ_ONLY_WITH_WHITEOUTS;
        default ->
            throw new IllegalArgumentException(
                "branch mode '" + mode + "' is not known (known: rw, ro, ro+wh)");
      };
    }

    private static void requireOff(String option, String value) {
      if (!value.equals("off")) {
        throw new IllegalArgumentException("mount option " + option + " is not supported");
      }
    }

    private static void requireNoNewRedirects(String option, String value) {
      if (value.equals("on")) {
        throw new IllegalArgumentException("mount option " + option + " is not supported");
      }
    }

    UnionOptions result() {
      MountOptions mount = MountOptions.parse(ofTheMount);
      int count = aufs.size() + lower.size() + (upper == null ? 0 : 1);
      if (count > UnionTree.MAX_BRANCHES) {
        throw new IllegalArgumentException(
            count + " branches are too many: a union has " + UnionTree.MAX_BRANCHES);
      }
      if (aufs.isEmpty() == lower.isEmpty()) {
        throw new IllegalArgumentException("expected -o " + KNOWN);
      }
      if (!aufs.isEmpty()) {
        if (aufs.stream().skip(1).anyMatch(b -> b.mode() == Branch.Mode.WRITABLE)) {
          throw new IllegalArgumentException("only the first branch can be rw");
        }
        return new UnionOptions(aufs, null, UnionRules.AUFS, mount);
      }
      return overlay(mount);
    }

    private UnionOptions overlay(MountOptions mount) {
      if ((upper == null) != (work == null)) {
        throw new IllegalArgumentException("upperdir and workdir need each other");
      }
      List<BranchPlace> branches = new ArrayList<>();
      if (upper != null) {
        branches.add(new BranchPlace(upper, Branch.Mode.WRITABLE));
      }
      for (Place place : lower) {
        branches.add(new BranchPlace(place, Branch.Mode.READ_ONLY_WITH_WHITEOUTS));
      }
      UnionRules rules = userXattr ? UnionRules.OVERLAY_USER : UnionRules.OVERLAY;
      return new UnionOptions(branches, work, rules, mount);
    }
  }
}
