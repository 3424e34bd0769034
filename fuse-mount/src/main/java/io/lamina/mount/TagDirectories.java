package io.lamina.mount;

import io.lamina.fs.Name;
import io.lamina.fs.virtual.VirtualDirectory;
import io.lamina.fs.virtual.VirtualDirectory.Entry;
import io.lamina.fs.virtual.VirtualLink;
import io.lamina.fs.virtual.VirtualOwner;
import io.lamina.graph.Id;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tags as directories: {@code <repository>/<tag>} leads to the image's directory below {@code
 * mnt}. A name that has a digest and no tag stands as {@code <repository>/@sha256:...}. Where a
 * repository lies below one that has a tag of its name, the tag has a colon before it.
 */
final class TagDirectories {
  private final InodeNumbers numbers;
  private final VirtualOwner owner;

  /** A directory in the making. */
  private static final class Level {
    final SortedMap<String, Level> directories = new TreeMap<>();
    final SortedMap<String, Id> tags = new TreeMap<>();
  }

  private TagDirectories(InodeNumbers numbers, VirtualOwner owner) {
    this.numbers = numbers;
    this.owner = owner;
  }

  /** What the directory of all tags holds, which lies in the same one as {@code mnt}. */
  static List<Entry> of(Map<String, Id> tags, InodeNumbers numbers, VirtualOwner owner) {
    Level top = new Level();
    tags.forEach((name, id) -> add(top, name, id));
    return new TagDirectories(numbers, owner).entries(top, 1);
  }

  private static void add(Level top, String name, Id id) {
    int digest = name.indexOf('@');
    int end = digest >= 0 ? digest : name.lastIndexOf(':');
    if (end <= 0 || end == name.length() - 1) {
      return; // no name that docker would give
    }
    Level level = top;
    for (String part : name.substring(0, end).split("/", -1)) {
      if (!isName(part)) {
        return;
      }
      level = level.directories.computeIfAbsent(part, any -> new Level());
    }
    String tag = name.substring(digest >= 0 ? end : end + 1);
    if (isName(tag)) {
      level.tags.put(tag, id);
    }
  }

  private static boolean isName(String part) {
    return !part.isEmpty() && !part.equals(".") && !part.equals("..") && part.indexOf('/') < 0;
  }

  private VirtualDirectory directory(Level level, int depth) {
    return new VirtualDirectory(numbers.next(), owner, entries(level, depth), false);
  }

  private List<Entry> entries(Level level, int depth) {
    List<Entry> entries = new ArrayList<>();
    level.directories.forEach(
        (name, below) -> entries.add(Entry.of(name, directory(below, depth + 1))));
    level.tags.forEach(
        (tag, id) -> {
          @Nullable Level taken = level.directories.get(tag);
          Name target = Name.of("../".repeat(depth) + "mnt/" + id.hex());
          VirtualLink link = new VirtualLink(numbers.next(), owner, target);
          entries.add(Entry.of(taken == null ? tag : ":" + tag, link));
        });
    return entries;
  }
}
