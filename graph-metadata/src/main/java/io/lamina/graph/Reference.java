package io.lamina.graph;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image as people write it, {@code app:1} or {@code registry.example.com/team/app},
 * taken apart and completed by docker's rules: what has no registry is of {@code docker.io}, and
 * there what has no owner is of {@code library}.
 *
 * @param domain registry, {@code docker.io} where none was written
 * @param path repository in that registry, with {@code library/} where docker adds it
 * @param tag without colon; null where none was written
 * @param digest {@code sha256:...}; null where none was written
 * @see <a href="https://github.com/distribution/reference/blob/v0.6.0/reference.go">the grammar</a>
 * @see <a href="https://github.com/distribution/reference/blob/v0.6.0/normalize.go">what is
 *     added</a>
 */
public record Reference(String domain, String path, @Nullable String tag, @Nullable String digest) {
  private static final String DEFAULT_DOMAIN = "docker.io";
  private static final String OLD_DEFAULT_DOMAIN = "index.docker.io";
  private static final String OFFICIAL = "library/";
  private static final String DEFAULT_TAG = "latest";
  private static final int MAX_NAME_LENGTH = 255;
  private static final int MAX_TEXT_LENGTH = 1024;

  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern PATH = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*");
  private static final String DOMAIN_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?:" + DOMAIN_PART + "(?:\\." + DOMAIN_PART + ")*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern DIGEST =
      Pattern.compile("[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}");

  /** A name, and after it a tag, a digest, or both. */
  private static final Pattern PARTS =
      Pattern.compile("([^@]+?)(?::([^:/@]*))?(?:@(.*))?", Pattern.DOTALL);

  /**
   * Takes a name apart.
   *
   * @throws IllegalArgumentException when it is none; the message is docker's
   */
  public static Reference parse(String text) {
    if (text.length() > MAX_TEXT_LENGTH) {
      throw invalid(text);
    }
    if (Id.isHex(text)) {
      throw new IllegalArgumentException(
          "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
    }
    Matcher parts = PARTS.matcher(text);
    if (!parts.matches()) {
      throw invalid(text);
    }
    String name = parts.group(1);
    @Nullable String tag = parts.group(2);
    @Nullable String digest = parts.group(3);
    boolean sound =
        (tag == null || TAG.matcher(tag).matches())
            && (digest == null || DIGEST.matcher(digest).matches());
    if (!sound) {
      throw invalid(text);
    }
    return named(name, tag, digest);
  }

  private static Reference named(String name, @Nullable String tag, @Nullable String digest) {
    int slash = name.indexOf('/');
    String first = slash < 0 ? "" : name.substring(0, slash);
    boolean hasDomain =
        first.contains(".")
            || first.contains(":")
            || first.equals("localhost")
            || !first.toLowerCase(Locale.ROOT).equals(first);
    String domain = hasDomain ? first : DEFAULT_DOMAIN;
    String path = hasDomain ? name.substring(slash + 1) : name;
    if (domain.equals(OLD_DEFAULT_DOMAIN)) {
      domain = DEFAULT_DOMAIN;
    }
    if (domain.equals(DEFAULT_DOMAIN) && !path.contains("/")) {
      path = OFFICIAL + path;
    }
    if (!path.toLowerCase(Locale.ROOT).equals(path)) {
      throw new IllegalArgumentException(
          "invalid reference format: repository name (" + path + ") must be lowercase");
    }
    if (!DOMAIN.matcher(domain).matches() || !PATH.matcher(path).matches()) {
      throw invalid(name);
    }
    if (domain.length() + 1 + path.length() > MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "repository name must not be more than " + MAX_NAME_LENGTH + " characters");
    }
    return new Reference(domain, path, tag, digest);
  }

  private static IllegalArgumentException invalid(String text) {
    String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
    return new IllegalArgumentException("invalid reference format: '" + shown + "'");
  }

  /** The name without what docker leaves out when it shows it: {@code app}. */
  public String familiarName() {
    if (!domain.equals(DEFAULT_DOMAIN)) {
      return domain + "/" + path;
    }
    boolean official = path.startsWith(OFFICIAL) && path.indexOf('/', OFFICIAL.length()) < 0;
    return official ? path.substring(OFFICIAL.length()) : path;
  }

  /** The name with tag and digest, as docker shows it. */
  public String familiar() {
    return familiarName() + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }

  /** The same, with the tag {@code latest} where it has neither tag nor digest. */
  public Reference withDefaultTag() {
    return tag == null && digest == null ? new Reference(domain, path, DEFAULT_TAG, null) : this;
  }

  @Override
  public String toString() {
    return familiar();
  }
}
