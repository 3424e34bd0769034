package io.lamina.layer.archive;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.layer.union.Whiteouts;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an entry of an archive belongs, below the root that it is unpacked to, and nowhere else.
 *
 * @param entry as the archive names it, for complaints
 * @param names the names on the way, none for the root itself
 */
public record EntryPath(Name entry, List<Name> names) {
  private static final int MAX_NAME_BYTES = 255;
  private static final int MAX_DEPTH = 2048;

  /**
   * The path of an entry.
   *
   * @throws ArchiveException when it is absolute, climbs, or no file system has such names
   */
  public static EntryPath of(Name entry) throws ArchiveException {
    if (entry.latin1().startsWith("/")) {
      throw new ArchiveException(entry, "its name is absolute");
    }
    return below(entry, entry);
  }

  /**
   * The path that a hard link points at: there a leading slash stands for the root of the layer.
   */
  static EntryPath ofTarget(Name entry, Name target) throws ArchiveException {
    return below(entry, target);
  }

  /**
   * The path that a link of an archive's points at, which may not lead out of it.
   *
   * @param member a symbolic link, which starts from its own directory, or a hard one
   * @throws ArchiveException when it leads out
   */
  public static EntryPath ofLink(Member member) throws ArchiveException {
    Name target = member.linkName();
    if (member.kind() == Member.HARD_LINK) {
      return ofTarget(member.name(), target);
    }
    if (target.latin1().startsWith("/")) {
      throw new ArchiveException(member.name(), "a link to " + target + " leads out");
    }
    Deque<Name> names = new ArrayDeque<>(of(member.name()).parent().names);
    for (String part : target.latin1().split("/", -1)) {
      if (part.equals("..")) {
        if (names.pollLast() == null) {
          throw new ArchiveException(member.name(), "a link to " + target + " leads out");
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        names.addLast(Name.ofLatin1(part));
      }
    }
    return new EntryPath(member.name(), List.copyOf(names));
  }

  private static EntryPath below(Name entry, Name path) throws ArchiveException {
    List<Name> names = new ArrayList<>();
    for (String part : path.latin1().split("/", -1)) {
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..")) {
        throw new ArchiveException(entry, "'..' in " + path + " leads out of the layer");
      }
      if (part.length() > MAX_NAME_BYTES || part.indexOf(0) >= 0) {
        throw new ArchiveException(entry, "no file can have the name " + path);
      }
      names.add(Name.ofLatin1(part));
    }
    if (names.size() > MAX_DEPTH) {
      throw new ArchiveException(entry, "it lies " + names.size() + " directories deep");
    }
    return new EntryPath(entry, names);
  }

  /**
   * What a whiteout names, which lies beside it.
   *
   * @throws ArchiveException when nothing can have that name
   */
  EntryPath hidden() throws ArchiveException {
    List<Name> target = below(entry, Whiteouts.hiddenBy(last())).names;
    if (target.isEmpty()) {
      throw new ArchiveException(entry, "a whiteout that names nothing");
    }
    List<Name> path = new ArrayList<>(parent().names);
    path.addAll(target);
    return new EntryPath(entry, path);
  }

  boolean isRoot() {
    return names.isEmpty();
  }

  Name last() {
    return names.get(names.size() - 1);
  }

  /** Its names with slashes between them, a byte a character. */
  public String text() {
    return text(names.size()).latin1();
  }

  /** The directory that it lies in. */
  EntryPath parent() {
    return new EntryPath(entry, names.subList(0, names.size() - 1));
  }

  /**
   * The file there.
   *
   * @return null where there is none
   * @throws ArchiveException when something on the way is no directory: a symbolic link is not
   *     followed
   */
  @Nullable Node find(Node root) throws IOException {
    Node node = root;
    for (int i = 0; i < names.size(); i++) {
      if (i > 0) {
        requireDirectory(node, i);
      }
      node = node.child(names.get(i));
      if (node == null) {
        return null;
      }
    }
    return node;
  }

  private void requireDirectory(Node node, int depth) throws IOException {
    Attributes attributes = node.attributes();
    if (!attributes.isDirectory()) {
      String what =
          attributes.type() == FileType.SYMLINK ? "a symbolic link" : "a file that is no directory";
      throw new ArchiveException(entry, what + " is in the way at " + text(depth));
    }
  }

  private Name text(int depth) {
    return Name.ofLatin1(
        String.join("/", names.subList(0, depth).stream().map(Name::latin1).toList()));
  }
}
