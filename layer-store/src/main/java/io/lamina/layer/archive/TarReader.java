package io.lamina.layer.archive;

import io.lamina.fs.Name;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar from its start to its end: ustar, pax, GNU's long names and its three kinds of sparse
 * file. It says what it read byte for byte, so that the same archive can be put together again, and
 * keeps the values of extended attributes, which are no text; its memory does not grow with what
 * the archive claims.
 *
 * @see <a href="https://www.gnu.org/software/tar/manual/html_node/Tar-Internals.html">GNU tar's
 *     formats</a>
 */
public final class TarReader {
  /** As much as docker takes of one extended header. */
  private static final int MAX_EXTENDED_BYTES = 1 << 20;

  /** Tars are filled up to some multiple of a block; more than this is no filling. */
  private static final int MAX_BYTES_BEHIND = 16 << 20;

  private static final int MAX_EXTENTS = 1 << 16;
  private static final int GNU_EXTENTS_A_BLOCK = 21;
  private static final int GNU_MORE_AT = 504;

  private static final char PAX = 'x';
  private static final char PAX_GLOBAL = 'g';
  private static final char GNU_LONG_NAME = 'L';
  private static final char GNU_LONG_LINK = 'K';
  private static final char GNU_SPARSE = 'S';
  private static final char OLD_REGULAR = 0;
  private static final char CONTIGUOUS = '7';

  private final InputStream in;
  private final OutputStream headers;
  private final byte[] piece = new byte[1 << 13];

  /** Stored bytes of the current member that have not been read, and what pads them to blocks. */
  private long remaining;

  private long padding;

  /** Reads what is needed only: what follows the archive stays in the stream. */
  public TarReader(InputStream in) {
    this(in, OutputStream.nullOutputStream());
  }

  /**
   * Reads, and passes on all that is not a file's content: headers, padding, the end.
   *
   * @param headers gets the bytes in the order they come in
   */
  public TarReader(InputStream in, OutputStream headers) {
    this.in = in;
    this.headers = headers;
  }

  /**
   * Goes on to the next member, wherever the reading of the current one stopped.
   *
   * @return null at the end
   * @throws ArchiveException when the archive breaks its format
   */
  public @Nullable Member next() throws IOException {
    skipContent();
    PaxRecords pax = PaxRecords.of(new byte[0]);
    Name longName = null;
    Name longLink = null;
    while (true) {
      byte[] block = block();
      if (block == null) {
        return null;
      }
      UstarHeader header = new UstarHeader(block);
      if (header.isZero()) {
        finish();
        return null;
      }
      if (!header.hasGoodChecksum()) {
        throw new ArchiveException("not a tar, or damaged: a header's checksum is wrong");
      }
      switch (header.kind()) {
        case PAX -> pax = PaxRecords.of(extended(header));
        // Docker's reader does without them, and so do the layers that it makes.
        case PAX_GLOBAL -> extended(header);
        case GNU_LONG_NAME -> longName = text(extended(header));
        case GNU_LONG_LINK -> longLink = text(extended(header));
        default -> {
          return member(header, pax, longName, longLink);
        }
      }
    }
  }

  private Member member(
      UstarHeader header, PaxRecords pax, @Nullable Name longName, @Nullable Name longLink)
      throws IOException {
    Name name = pax.text(PaxRecords.PATH, longName == null ? header.name() : longName);
    char kind = kind(header.kind(), name);
    long storedBytes = pax.number(PaxRecords.SIZE, header.size());
    boolean stores = kind == Member.REGULAR;
    if (storedBytes < 0) {
      throw new ArchiveException(name, "its size is negative: " + storedBytes);
    }
    remaining = stores ? storedBytes : 0;
    padding = stores ? -storedBytes & (UstarHeader.BYTES - 1) : 0;
    Sparse sparse = stores ? sparse(header, pax, name) : null;
    if (sparse != null) {
      sparse.check(remaining);
      name = sparse.name;
    }
    return new Member(
        kind,
        name,
        pax.text(PaxRecords.LINK_PATH, longLink == null ? header.linkName() : longLink),
        header.mode(),
        id(name, pax.number(PaxRecords.USER_ID, header.userId())),
        id(name, pax.number(PaxRecords.GROUP_ID, header.groupId())),
        sparse == null ? remaining : sparse.size,
        pax.time(header.seconds()),
        header.deviceMajor(),
        header.deviceMinor(),
        pax.text(PaxRecords.USER_NAME, header.userName()),
        pax.text(PaxRecords.GROUP_NAME, header.groupName()),
        pax.xattrs(),
        sparse == null ? null : sparse.extents);
  }

  private static char kind(char stored, Name name) throws ArchiveException {
    return switch (stored) {
      case OLD_REGULAR -> name.latin1().endsWith("/") ? Member.DIRECTORY : Member.REGULAR;
      case CONTIGUOUS, GNU_SPARSE, Member.REGULAR -> Member.REGULAR;
      case Member.HARD_LINK,
          Member.SYMLINK,
          Member.CHARACTER_DEVICE,
          Member.BLOCK_DEVICE,
          Member.DIRECTORY,
          Member.FIFO ->
          stored;
      default ->
          throw new ArchiveException(name, String.format("unknown type 0x%02x", (int) stored));
    };
  }

  private static long id(Name name, long id) throws ArchiveException {
    if (id < 0 || id >>> Integer.SIZE != 0) {
      throw new ArchiveException(name, "no owner has the number " + id);
    }
    return id;
  }

  /** What is known of a sparse file: its real name and size, and where its data lie. */
  private record Sparse(Name name, long size, List<Member.Extent> extents) {
    void check(long storedBytes) throws ArchiveException {
      long end = 0;
      long stored = 0;
      for (Member.Extent extent : extents) {
        if (extent.offset() < end
            || extent.length() < 0
            || extent.length() > size - extent.offset()) {
          throw new ArchiveException(name, "its map of holes goes back, or past its end");
        }
        end = extent.offset() + extent.length();
        stored += extent.length();
      }
      if (stored != storedBytes) {
        throw new ArchiveException(
            name, "its map of holes has " + stored + " bytes, the archive " + storedBytes);
      }
    }
  }

  private @Nullable Sparse sparse(UstarHeader header, PaxRecords pax, Name name)
      throws IOException {
    if (header.kind() == GNU_SPARSE) {
      return new Sparse(name, header.gnuRealSize(), gnuExtents(header));
    }
    Name realName = pax.text("GNU.sparse.name", name);
    if (pax.number("GNU.sparse.major", 0) == 1) {
      long size = pax.number("GNU.sparse.realsize", -1);
      return new Sparse(realName, size, leadingMap(realName));
    }
    if (pax.has("GNU.sparse.map")) {
      List<Name> numbers = new ArrayList<>();
      for (String number : pax.text("GNU.sparse.map", Member.NONE).latin1().split(",", -1)) {
        numbers.add(Name.ofLatin1(number));
      }
      return new Sparse(realName, pax.number("GNU.sparse.size", -1), extents(numbers));
    }
    return pax.has("GNU.sparse.size")
        ? new Sparse(realName, pax.number("GNU.sparse.size", -1), extents(pax.sparseMap()))
        : null;
  }

  private List<Member.Extent> gnuExtents(UstarHeader first) throws IOException {
    List<Member.Extent> extents = new ArrayList<>();
    boolean more = first.gnuHasMore();
    addExtents(extents, first, UstarHeader.gnuFirstExtent(), UstarHeader.gnuFirstExtentCount());
    while (more) {
      byte[] block = block();
      if (block == null || extents.size() > MAX_EXTENTS) {
        throw new ArchiveException(first.name(), "its map of holes does not end");
      }
      UstarHeader.Field start = new UstarHeader.Field(0, UstarHeader.gnuFirstExtent().length());
      addExtents(extents, new UstarHeader(block), start, GNU_EXTENTS_A_BLOCK);
      more = block[GNU_MORE_AT] != 0;
    }
    return extents;
  }

  private static void addExtents(
      List<Member.Extent> extents, UstarHeader block, UstarHeader.Field first, int count)
      throws ArchiveException {
    UstarHeader.Field field = first;
    for (int i = 0; i < count; i++) {
      long offset = block.number(field);
      long length = block.number(field.next());
      field = field.next().next();
      if (length > 0) {
        extents.add(new Member.Extent(offset, length));
      }
    }
  }

  /** The map that stands before the data, as GNU tar has written it since 1.15.92. */
  private List<Member.Extent> leadingMap(Name name) throws IOException {
    long before = remaining;
    long count = line(name);
    if (count < 0 || count > MAX_EXTENTS) {
      throw new ArchiveException(name, "its map of holes has " + count + " ranges");
    }
    List<Name> numbers = new ArrayList<>();
    for (long i = 0; i < 2 * count; i++) {
      numbers.add(Name.of(Long.toString(line(name))));
    }
    long rest = -(before - remaining) & (UstarHeader.BYTES - 1);
    for (long i = 0; i < rest; i++) {
      storedByte(name);
    }
    return extents(numbers);
  }

  private long line(Name name) throws IOException {
    StringBuilder digits = new StringBuilder();
    int next = storedByte(name);
    while (next != '\n' && digits.length() < Long.SIZE) {
      digits.append((char) next);
      next = storedByte(name);
    }
    return PaxRecords.number(Name.ofLatin1(digits.toString()));
  }

  private int storedByte(Name name) throws IOException {
    byte[] one = new byte[1];
    if (read(one, 0, 1) != 1) {
      throw new ArchiveException(name, "its map of holes is cut off");
    }
    headers.write(one);
    return one[0] & 0xff;
  }

  private static List<Member.Extent> extents(List<Name> numbers) throws ArchiveException {
    List<Member.Extent> extents = new ArrayList<>();
    for (int i = 0; i + 1 < numbers.size(); i += 2) {
      long length = PaxRecords.number(numbers.get(i + 1));
      if (length != 0) {
        extents.add(new Member.Extent(PaxRecords.number(numbers.get(i)), length));
      }
    }
    return extents;
  }

  /**
   * Reads stored content of the current member: of a sparse file its data, one extent after the
   * other.
   *
   * @return how many bytes were read, -1 at the end
   * @throws ArchiveException when the archive ends before the content
   */
  public int read(byte[] target, int from, int length) throws IOException {
    if (remaining == 0) {
      return -1;
    }
    int count = in.read(target, from, (int) Math.min(length, remaining));
    if (count < 0) {
      throw new ArchiveException("the archive is cut off: " + remaining + " bytes of content miss");
    }
    remaining -= count;
    return count;
  }

  private void skipContent() throws IOException {
    while (remaining > 0) {
      long skipped = in.skip(remaining);
      remaining -= skipped;
      if (skipped == 0) {
        read(piece, 0, piece.length);
      }
    }
    while (padding > 0) {
      int count = in.read(piece, 0, (int) Math.min(piece.length, padding));
      if (count < 0) {
        // Some writers leave out the padding of the last member.
        padding = 0;
        return;
      }
      headers.write(piece, 0, count);
      padding -= count;
    }
  }

  private byte @Nullable [] block() throws IOException {
    byte[] block = in.readNBytes(UstarHeader.BYTES);
    headers.write(block);
    if (block.length != 0 && block.length != UstarHeader.BYTES) {
      throw new ArchiveException("the archive is cut off within a header");
    }
    return block.length == 0 ? null : block;
  }

  private byte[] extended(UstarHeader header) throws IOException {
    long size = header.size();
    if (size < 0 || size > MAX_EXTENDED_BYTES) {
      throw new ArchiveException(header.name(), "an extended header of " + size + " bytes");
    }
    int padded = (int) (size + (-size & (UstarHeader.BYTES - 1)));
    byte[] bytes = in.readNBytes(padded);
    headers.write(bytes);
    if (bytes.length != padded) {
      throw new ArchiveException("the archive is cut off within a header");
    }
    return java.util.Arrays.copyOf(bytes, (int) size);
  }

  private static Name text(byte[] bytes) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (byte b : bytes) {
      if (b == 0) {
        break;
      }
      text.write(b);
    }
    return Name.ofBytes(text.toByteArray());
  }

  /** What stands behind the first block of zeroes belongs to the archive too, whatever it is. */
  private void finish() throws IOException {
    long behind = 0;
    for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
      behind += count;
      if (behind > MAX_BYTES_BEHIND) {
        throw new ArchiveException("more than " + MAX_BYTES_BEHIND + " bytes follow its end");
      }
      headers.write(piece, 0, count);
    }
  }
}
