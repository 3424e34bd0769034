package io.lamina.cli;

import io.lamina.layer.union.Branch;
import io.lamina.layer.union.UnionRules;
import io.lamina.mount.MountOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of a union, in aufs' words or in overlay's, and those of its mount. A backslash takes
 * from a comma, a colon, an equals sign or a backslash what it means.
 *
 * @param branches topmost first; paths of one character a byte
 * @param workDirectory of a writable overlay, else null
 */
record UnionOptions(
    List<BranchPath> branches,
    @Nullable String workDirectory,
    UnionRules rules,
    MountOptions mount) {
  /** For a usage message. */
  static final String KNOWN =
      "br:DIR[=rw|ro|ro+wh][:DIR...], or lowerdir=DIR[:DIR...],upperdir=DIR,workdir=DIR[,userxattr]";

  /** One directory of the union. */
  record BranchPath(String path, Branch.Mode mode) {}

  /** Takes the texts of {@code -o} apart. */
  static UnionOptions parse(List<String> texts) {
    Parser parser = new Parser();
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
    private final List<BranchPath> aufs = new ArrayList<>();
    private final List<String> lower = new ArrayList<>();
    private final List<String> ofTheMount = new ArrayList<>();
    private @Nullable String upper;
    private @Nullable String work;
    private boolean userXattr;

    void take(String option) {
      int equals = option.indexOf('=');
      String value = option.substring(equals + 1);
      switch (equals < 0 ? option : option.substring(0, equals)) {
        case "br", "dirs" -> takeBranches(value);
        case "lowerdir" -> split(value, ':').forEach(path -> lower.add(plain(path)));
        case "upperdir" -> upper = plain(value);
        case "workdir" -> work = plain(value);
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
      for (String branch : split(value, ':')) {
        List<String> parts = split(branch, '=');
        String mode = parts.size() == 1 ? aufs.isEmpty() ? "rw" : "ro" : parts.get(1);
        if (parts.size() > 2 || parts.get(0).isEmpty()) {
          throw new IllegalArgumentException("branch '" + branch + "' is no DIR or DIR=MODE");
        }
        aufs.add(new BranchPath(plain(parts.get(0)), mode(mode)));
      }
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
      List<BranchPath> branches = new ArrayList<>();
      if (upper != null) {
        branches.add(new BranchPath(upper, Branch.Mode.WRITABLE));
      }
      for (String path : lower) {
        branches.add(new BranchPath(path, Branch.Mode.READ_ONLY_WITH_WHITEOUTS));
      }
      UnionRules rules = userXattr ? UnionRules.OVERLAY_USER : UnionRules.OVERLAY;
      return new UnionOptions(branches, work, rules, mount);
    }
  }
}
