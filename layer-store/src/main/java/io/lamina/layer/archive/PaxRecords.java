package io.lamina.layer.archive;

import io.lamina.fs.Name;
import io.lamina.fs.Timestamp;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a pax header adds to the header after it: keywords and values. Values are bytes: those of
 * extended attributes are no text.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html">pax, extended
 *     header</a>
 */
final class PaxRecords {
  static final String PATH = "path";
  static final String LINK_PATH = "linkpath";
  static final String SIZE = "size";
  static final String USER_ID = "uid";
  static final String GROUP_ID = "gid";
  static final String USER_NAME = "uname";
  static final String GROUP_NAME = "gname";
  static final String MODIFICATION_TIME = "mtime";

  /** How star, GNU tar and docker name an extended attribute. */
  static final String XATTR = "SCHILY.xattr.";

  private static final int MAX_DIGITS = 9;
  private static final int NANO_DIGITS = 9;

  /** By keyword; the order of the sparse map of GNU tar 1.13's kind is kept beside it. */
  private final SortedMap<Name, byte[]> values = new TreeMap<>();

  private final List<Name> sparseMap = new ArrayList<>();

  /** Reads records: a decimal length, a blank, the keyword, {@code =}, the value, a line feed. */
  static PaxRecords of(byte[] bytes) throws ArchiveException {
    PaxRecords records = new PaxRecords();
    int at = 0;
    while (at < bytes.length && bytes[at] != 0) {
      at = records.parse(bytes, at);
    }
    return records;
  }

  private int parse(byte[] bytes, int start) throws ArchiveException {
    int blank = start;
    while (blank < bytes.length && bytes[blank] >= '0' && bytes[blank] <= '9') {
      blank++;
    }
    if (blank == start || blank - start > MAX_DIGITS || blank == bytes.length) {
      throw broken();
    }
    int length =
        Integer.parseInt(new String(bytes, start, blank - start, StandardCharsets.ISO_8859_1), 10);
    int end = start + length;
    if (bytes[blank] != ' '
        || length > bytes.length - start
        || end - 1 <= blank
        || bytes[end - 1] != '\n') {
      throw broken();
    }
    int equals = blank + 1;
    while (equals < end && bytes[equals] != '=') {
      equals++;
    }
    if (equals == end) {
      throw broken();
    }
    Name keyword = Name.ofBytes(Arrays.copyOfRange(bytes, blank + 1, equals));
    byte[] value = Arrays.copyOfRange(bytes, equals + 1, end - 1);
    values.put(keyword, value);
    if (keyword.latin1().equals("GNU.sparse.offset")
        || keyword.latin1().equals("GNU.sparse.numbytes")) {
      sparseMap.add(Name.ofBytes(value));
    }
    return end;
  }

  private static ArchiveException broken() {
    return new ArchiveException("a pax header has a record that breaks its format");
  }

  /** The text of a keyword, or what the header itself says where there is none. */
  Name text(String keyword, Name otherwise) {
    byte[] value = values.get(Name.of(keyword));
    return value == null ? otherwise : Name.ofBytes(value);
  }

  /** The number of a keyword, or what the header itself says where there is none. */
  long number(String keyword, long otherwise) throws ArchiveException {
    byte[] value = values.get(Name.of(keyword));
    return value == null ? otherwise : number(Name.ofBytes(value));
  }

  static long number(Name text) throws ArchiveException {
    try {
      return Long.parseLong(text.latin1(), 10);
    } catch (NumberFormatException e) {
      throw new ArchiveException("a pax header has no number where there must be one: " + text);
    }
  }

  boolean has(String keyword) {
    return values.containsKey(Name.of(keyword));
  }

  /** Offsets and lengths in turn, as GNU tar 1.13 to 1.14 wrote them one by one. */
  List<Name> sparseMap() {
    return sparseMap;
  }

  /** The modification time, or what the header itself says where there is none. */
  Timestamp time(long secondsOtherwise) throws ArchiveException {
    byte @Nullable [] value = values.get(Name.of(MODIFICATION_TIME));
    if (value == null) {
      return new Timestamp(secondsOtherwise, 0);
    }
    String text = Name.ofBytes(value).latin1();
    int point = text.indexOf('.');
    if (point < 0) {
      return new Timestamp(number(Name.ofBytes(value)), 0);
    }
    String whole = text.substring(0, point);
    String digits = (text.substring(point + 1) + "0".repeat(NANO_DIGITS)).substring(0, NANO_DIGITS);
    long seconds =
        number(Name.ofLatin1(whole.isEmpty() || whole.equals("-") ? whole + "0" : whole));
    int nanos = (int) number(Name.ofLatin1(digits));
    if (nanos < 0) {
      throw broken();
    }
    return whole.startsWith("-") && nanos > 0
        ? new Timestamp(seconds - 1, 1_000_000_000 - nanos)
        : new Timestamp(seconds, nanos);
  }

  /** The extended attributes, by their full names. */
  SortedMap<Name, byte[]> xattrs() {
    SortedMap<Name, byte[]> found = new TreeMap<>();
    for (Map.Entry<Name, byte[]> entry : values.tailMap(Name.of(XATTR)).entrySet()) {
      String keyword = entry.getKey().latin1();
      if (!keyword.startsWith(XATTR)) {
        break;
      }
      found.put(Name.ofLatin1(keyword.substring(XATTR.length())), entry.getValue());
    }
    return found;
  }

  void put(String keyword, Name value) {
    values.put(Name.of(keyword), value.bytes());
  }

  void put(String keyword, long value) {
    put(keyword, Name.of(Long.toString(value)));
  }

  /** A time with its fraction, without zeroes at the end. */
  void put(String keyword, Timestamp time) {
    long seconds = time.seconds();
    int nanos = time.nanos();
    boolean negative = seconds < 0 && nanos > 0;
    if (negative) {
      seconds++;
      nanos = 1_000_000_000 - nanos;
    }
    String sign = negative && seconds == 0 ? "-" : "";
    String fraction = nanos == 0 ? "" : String.format(".%09d", nanos).replaceAll("0+$", "");
    put(keyword, Name.of(sign + seconds + fraction));
  }

  void putXattr(Name name, byte[] value) {
    values.put(Name.ofLatin1(XATTR + name.latin1()), value);
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  /** As they stand in a header, in the order of their keywords. */
  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    values.forEach(
        (keyword, value) -> {
          int rest = 1 + keyword.byteCount() + 1 + value.length + 1;
          int length = rest + digits(rest);
          length = rest + digits(length);
          out.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
          out.writeBytes(keyword.bytes());
          out.write('=');
          out.writeBytes(value);
          out.write('\n');
        });
    return out.toByteArray();
  }

  private static int digits(int number) {
    return Integer.toString(number).length();
  }
}
