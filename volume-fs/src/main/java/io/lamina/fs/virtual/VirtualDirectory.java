package io.lamina.fs.virtual;

import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A directory of entries whose names are known, and whose files are made when they are first looked
 * at. Safe for use by many threads.
 */
public final class VirtualDirectory extends VirtualNode {
  private final boolean costly;
  private volatile Content content;
  private volatile boolean changes;

  /**
   * A directory of these entries, listed in this order.
   *
   * @param costly whether its files are costly to look at
   */
  public VirtualDirectory(long inodeNr, VirtualOwner owner, List<Entry> entries, boolean costly) {
    super(inodeNr, FileType.DIRECTORY, 0555, owner);
    this.content = Content.of(entries);
    this.costly = costly;
  }

  /** What it holds at a time. */
  private record Content(List<Entry> entries, Map<Name, Entry> byName, int linkCount) {
    static Content of(List<Entry> entries) {
      long directories = entries.stream().filter(e -> e.type() == FileType.DIRECTORY).count();
      return new Content(
          List.copyOf(entries),
          entries.stream().collect(Collectors.toUnmodifiableMap(Entry::name, Function.identity())),
          Math.toIntExact(directories) + 2);
    }
  }

  /** Says that it will not always hold what it holds now. */
  public VirtualDirectory changing() {
    changes = true;
    return this;
  }

  /** Holds these entries from now on. */
  public void hold(List<Entry> entries) {
    content = Content.of(entries);
  }

  /** Makes the file of an entry; the same file each time. */
  @FunctionalInterface
  public interface Maker {
    /** The file. */
    Node node() throws IOException;
  }

  /**
   * One entry.
   *
   * @param inodeNr what a listing gives as its number; as at a mount point, the file may have
   *     another
   * @param maker makes its file when it is looked at
   */
  public record Entry(Name name, long inodeNr, FileType type, Maker maker) {
    /** An entry whose file exists already. */
    public static Entry of(String name, VirtualNode node) {
      return new Entry(Name.of(name), node.inodeNr(), node.type(), () -> node);
    }
  }

  @Override
  public Attributes attributes() {
    return attributes(0, 0, content.linkCount());
  }

  @Override
  public @Nullable Node child(Name name) throws IOException {
    Entry entry = content.byName().get(name);
    return entry == null ? null : entry.maker().node();
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) {
    List<Entry> entries = content.entries();
    for (long next = Math.max(cookie, 0); next < entries.size(); next++) {
      Entry entry = entries.get((int) next);
      if (!visitor.entry(entry.name(), entry.inodeNr(), entry.type(), next + 1)) {
        return;
      }
    }
  }

  @Override
  public boolean isVolatile() {
    return changes;
  }

  @Override
  public boolean hasCostlyChildren() {
    return costly;
  }
}
