package io.lamina.ext4;

import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Name;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of a directory that fast commits added or took away. */
final class ChangedDirectory {
  /** Where a listing goes on after all that the directory's blocks hold. */
  static final long FIRST_COOKIE = 1L << 62;

  private final Map<Name, Long> inodeNrs = new LinkedHashMap<>();
  private boolean isNew;

  /** Marks it as made by a fast commit: nothing that its blocks hold is its own. */
  void setNew() {
    isNew = true;
    inodeNrs.clear();
  }

  /** Whether what its blocks hold is not its own. */
  boolean isNew() {
    return isNew;
  }

  void put(Name name, long inodeNr) {
    inodeNrs.remove(name);
    inodeNrs.put(name, inodeNr);
  }

  /**
   * What a name stands for now.
   *
   * @return {@link Directory#NOT_FOUND} where it is gone, null where its blocks tell
   */
  @Nullable Long inodeNr(Name name) {
    Long changed = inodeNrs.get(name);
    return changed == null && isNew ? Long.valueOf(Directory.NOT_FOUND) : changed;
  }

  /** What each name stands for that came or went: {@link Directory#NOT_FOUND} for one that went. */
  Map<Name, Long> names() {
    return Collections.unmodifiableMap(inodeNrs);
  }

  /** Lists the names that were added, from a cookie on. */
  void list(long cookie, Files files, EntryVisitor visitor) throws IOException {
    List<Map.Entry<Name, Long>> all = new ArrayList<>(inodeNrs.entrySet());
    boolean goesOn = true;
    int from = (int) Math.min(Math.max(0, cookie - FIRST_COOKIE), all.size());
    for (int i = from; goesOn && i < all.size(); i++) {
      long inodeNr = all.get(i).getValue();
      if (inodeNr != Directory.NOT_FOUND) {
        goesOn =
            visitor.entry(
                all.get(i).getKey(), inodeNr, files.type(0, inodeNr), FIRST_COOKIE + i + 1);
      }
    }
  }
}
