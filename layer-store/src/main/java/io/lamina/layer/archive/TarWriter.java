package io.lamina.layer.archive;

import io.lamina.fs.Name;
import io.lamina.fs.Timestamp;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes a tar as docker does: POSIX headers, and a pax header before those that cannot say all.
 * The same members give the same bytes as Go's archive/tar, so that a layer has the digest that
 * docker would give it.
 */
public final class TarWriter implements Closeable {
  private static final int MAX_ASCII = 0x7f;
  private static final int END_BLOCKS = 2;

  private final OutputStream out;
  private long contentLeft;
  private int padding;

  /** Writes to a stream, which is closed with it. */
  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Begins a member; as many bytes as its size says are to be {@link #write written} then. */
  public void begin(Member member) throws IOException {
    endMember();
    PaxRecords pax = pax(member);
    if (!pax.isEmpty()) {
      writePax(member.name(), pax.bytes());
    }
    out.write(
        UstarHeader.create(member.kind())
            .names(ascii(member.name()), ascii(member.linkName()))
            .numbers(
                member.mode(),
                member.userId(),
                member.groupId(),
                member.size(),
                member.modificationTime().seconds())
            .owners(ascii(member.userName()), ascii(member.groupName()))
            .device(member.deviceMajor(), member.deviceMinor())
            .sealed());
    contentLeft = member.hasContent() ? member.size() : 0;
    padding = (int) (-contentLeft & (UstarHeader.BYTES - 1));
  }

  /** Writes content of the member that was begun. */
  public void write(byte[] bytes, int from, int length) throws IOException {
    if (length > contentLeft) {
      throw new IllegalStateException("more content than the member's size");
    }
    out.write(bytes, from, length);
    contentLeft -= length;
  }

  private void endMember() throws IOException {
    if (contentLeft != 0) {
      throw new IOException(
          "a file became shorter while it was read: " + contentLeft + " bytes miss");
    }
    out.write(new byte[padding]);
    padding = 0;
  }

  private static PaxRecords pax(Member member) throws ArchiveException {
    PaxRecords pax = PaxRecords.of(new byte[0]);
    putText(pax, PaxRecords.PATH, member.name(), UstarHeader.fitsName(member.name()));
    putText(pax, PaxRecords.LINK_PATH, member.linkName(), UstarHeader.fitsName(member.linkName()));
    putText(
        pax, PaxRecords.USER_NAME, member.userName(), UstarHeader.fitsOwnerName(member.userName()));
    putText(
        pax,
        PaxRecords.GROUP_NAME,
        member.groupName(),
        UstarHeader.fitsOwnerName(member.groupName()));
    if (!UstarHeader.fitsId(member.userId())) {
      pax.put(PaxRecords.USER_ID, member.userId());
    }
    if (!UstarHeader.fitsId(member.groupId())) {
      pax.put(PaxRecords.GROUP_ID, member.groupId());
    }
    if (!UstarHeader.fitsSize(member.size())) {
      pax.put(PaxRecords.SIZE, member.size());
    }
    Timestamp time = member.modificationTime();
    if (time.nanos() != 0 || !UstarHeader.fitsSize(time.seconds())) {
      pax.put(PaxRecords.MODIFICATION_TIME, time);
    }
    member.xattrs().forEach(pax::putXattr);
    return pax;
  }

  private static void putText(PaxRecords pax, String keyword, Name text, boolean fits) {
    if (!fits || !ascii(text).equals(text)) {
      pax.put(keyword, text);
    }
  }

  /** Without what is not ASCII. */
  private static Name ascii(Name text) {
    String latin1 = text.latin1();
    if (latin1.chars().allMatch(c -> c <= MAX_ASCII)) {
      return text;
    }
    StringBuilder kept = new StringBuilder();
    latin1.chars().filter(c -> c <= MAX_ASCII).forEach(c -> kept.append((char) c));
    return Name.ofLatin1(kept.toString());
  }

  private void writePax(Name name, byte[] records) throws IOException {
    out.write(
        UstarHeader.create('x')
            .names(paxName(name), Member.NONE)
            .numbers(0, 0, 0, records.length, 0)
            .sealed());
    out.write(records);
    out.write(new byte[-records.length & (UstarHeader.BYTES - 1)]);
  }

  /** {@code dir/PaxHeaders.0/file}, as Go names it. */
  private static Name paxName(Name name) {
    String path = name.latin1();
    int slash = path.lastIndexOf('/');
    String directory = path.substring(0, slash + 1);
    String joined = directory + "PaxHeaders.0/" + path.substring(slash + 1);
    Name all = ascii(Name.ofLatin1(joined));
    String cut = all.latin1().substring(0, Math.min(100, all.byteCount()));
    return Name.ofLatin1(cut.replaceAll("/+$", ""));
  }

  /** Writes the end of the archive, and closes the stream. */
  @Override
  public void close() throws IOException {
    try (out) {
      endMember();
      out.write(new byte[END_BLOCKS * UstarHeader.BYTES]);
    }
  }
}
