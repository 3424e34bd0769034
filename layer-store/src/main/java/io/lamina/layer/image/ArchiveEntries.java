package io.lamina.layer.image;

import io.lamina.fs.Name;
import io.lamina.fs.Timestamp;
import io.lamina.layer.archive.Member;
import io.lamina.layer.archive.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The members of an archive, written in the order of their names as docker's walk over a directory
 * gives them: a directory before what is in it.
 */
final class ArchiveEntries {
  private static final int DIRECTORY_MODE = 040755;
  private static final int FILE_MODE = 0100644;
  private static final int LINK_MODE = 0120777;

  private final SortedMap<String, Entry> entries = new TreeMap<>();

  /** Writes what a member holds. */
  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private record Entry(Member member, Content content) {}

  /** Whether there is one of that name. */
  boolean has(String name) {
    return entries.containsKey(name);
  }

  /** A directory; its name ends in a slash. */
  void addDirectory(String name, Instant time) {
    add(Member.directory(Name.of(name), DIRECTORY_MODE, seconds(time)), out -> {});
  }

  void addFile(String name, Instant time, byte[] content) {
    add(
        Member.file(Name.of(name), FILE_MODE, seconds(time), content.length),
        new ByteArrayInputStream(content)::transferTo);
  }

  void addLayer(String name, Instant time, LayerTar tar) {
    add(Member.file(Name.of(name), FILE_MODE, seconds(time), tar.size()), tar::writeTo);
  }

  void addLink(String name, Instant time, String target) {
    add(Member.symlink(Name.of(name), Name.of(target), LINK_MODE, seconds(time)), out -> {});
  }

  private void add(Member member, Content content) {
    entries.put(member.name().latin1(), new Entry(member, content));
  }

  private static Timestamp seconds(Instant time) {
    return new Timestamp(time.getEpochSecond(), 0);
  }

  /** Writes all of it, and closes the stream. */
  void writeTo(OutputStream out) throws IOException {
    // Not closed after a failure: a tar that has an end looks whole.
    TarWriter tar = new TarWriter(out);
    for (Entry entry : entries.values()) {
      tar.begin(entry.member);
      entry.content.writeTo(new MemberOutput(tar, entry.member));
    }
    tar.close();
  }

  /** The content of one member. */
  private static final class MemberOutput extends OutputStream {
    private final TarWriter tar;
    private final Member member;
    private long left;

    MemberOutput(TarWriter tar, Member member) {
      this.tar = tar;
      this.member = member;
      this.left = member.size();
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (length > left) {
        throw new IOException(member.name() + ": became longer while it was written");
      }
      tar.write(bytes, from, length);
      left -= length;
    }
  }
}
