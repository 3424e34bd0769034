package io.lamina.layer.image;

import io.lamina.fs.Name;
import io.lamina.layer.archive.ArchiveException;
import io.lamina.layer.archive.EntryPath;
import io.lamina.layer.archive.Member;
import io.lamina.layer.archive.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A tar in a file, not compressed. Its headers are read once; contents when they are asked for. */
final class TarFiles extends ArchiveFiles {
  /** As many files as a thousand images of a hundred layers have. */
  private static final int MAX_MEMBERS = 1 << 19;

  private static final int MAX_NAME_BYTES = 4096;

  /** As many as Linux follows. */
  private static final int MAX_LINKS = 40;

  private final FileChannel file;
  private final Map<String, Place> members = new HashMap<>();
  private final TreeSet<String> directories = new TreeSet<>();

  /**
   * Where a member is.
   *
   * @param target what it is a link to, by its name in the archive; null for a file
   */
  private record Place(Name name, long offset, long size, @Nullable String target) {}

  /**
   * Reads the headers.
   *
   * @param file closed with this
   * @throws ArchiveException when the tar is damaged, has a name twice, or one that leads out
   */
  TarFiles(FileChannel file) throws IOException {
    this.file = file;
    SectionInput input = new SectionInput(file, 0, file.size());
    TarReader tar = new TarReader(input);
    for (Member member = tar.next(); member != null; member = tar.next()) {
      add(member, input.position());
    }
  }

  private void add(Member member, long offset) throws IOException {
    if (members.size() >= MAX_MEMBERS || member.name().byteCount() > MAX_NAME_BYTES) {
      throw new ArchiveException(member.name(), "too many names, or too long ones, for images");
    }
    EntryPath path = EntryPath.of(member.name());
    String text = path.text();
    if (member.isDirectory()) {
      directories.add(first(text));
      return;
    }
    if (text.contains("/")) {
      directories.add(first(text));
    }
    @Nullable String target = null;
    if (member.isLink()) {
      target = EntryPath.ofLink(member).text();
    } else if (!member.hasContent() || member.extents() != null) {
      return; // no file that an image could be made of: whoever names it is told that it is missing
    }
    Place place = new Place(member.name(), offset, member.size(), target);
    if (members.put(text, place) != null) {
      throw new ArchiveException(member.name(), "the archive has this name twice");
    }
  }

  private static String first(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? path : path.substring(0, slash);
  }

  @Override
  Optional<ArchiveFile> find(String name) throws IOException {
    String at = EntryPath.of(Name.of(name)).text();
    for (int i = 0; i < MAX_LINKS; i++) {
      Place place = members.get(at);
      if (place == null) {
        return Optional.empty();
      }
      if (place.target == null) {
        return Optional.of(new Section(place));
      }
      at = place.target;
    }
    throw new ArchiveException(Name.of(name), "a link that leads in a circle");
  }

  /** The content of a member. */
  private final class Section implements ArchiveFile {
    private final Place place;

    Section(Place place) {
      this.place = place;
    }

    @Override
    public long size() {
      return place.size;
    }

    @Override
    public InputStream open() {
      return new SectionInput(file, place.offset, place.offset + place.size);
    }
  }

  @Override
  List<String> directories() {
    return List.copyOf(directories);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
