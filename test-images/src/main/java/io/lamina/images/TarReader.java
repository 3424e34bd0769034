package io.lamina.images;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar from its start to its end: pax headers, and GNU tar's two ways to leave out holes.
 *
 * <p>Commons Compress reads tars too, but gives up on a sparse file of 2 GiB, which is what the
 * data file of a docker root is.
 *
 * @see <a href="https://www.gnu.org/software/tar/manual/html_node/Standard.html">the headers</a>
 * @see <a href="https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html">the
 *     holes</a>
 */
final class TarReader {
  private static final int BLOCK_BYTES = 512;
  private static final int MAX_PAX_BYTES = 1 << 20;

  /** Where the first header keeps its part of the map of an old GNU sparse file. */
  private static final int OLD_MAP_OFFSET = 386;

  private static final int OLD_MAP_EXTENTS = 4;
  private static final int OLD_MORE_OFFSET = 482;
  private static final int OLD_SIZE_OFFSET = 483;

  /** The blocks that follow it hold a longer part. */
  private static final int OLD_NEXT_EXTENTS = 21;

  private static final int OLD_NEXT_MORE_OFFSET = 504;

  /** One member. */
  record Entry(char type, String name, String linkName, long size, List<Extent> data) {}

  /** A range of a file that is in the archive; what is in none is a hole. */
  record Extent(long offset, long length) {}

  private final InputStream in;

  /** Bytes of the current member not yet read, and what pads them to whole blocks. */
  private long remaining;

  private long padding;

  TarReader(InputStream in) {
    this.in = in;
  }

  /**
   * Goes on to the next member, wherever the reader of the current one stopped.
   *
   * @return null at the end
   */
  @Nullable Entry next() throws IOException {
    Map<String, String> pax = new HashMap<>();
    while (true) {
      in.skipNBytes(remaining + padding);
      byte[] header = block();
      if (header[0] == 0) {
        return null;
      }
      char type = (char) header[156];
      open(number(header, 124, 12));
      switch (type) {
        case 'x' -> readPax(pax);
        case 'g' -> {}
        case 'L', 'K' -> throw new IOException("GNU long names are not read");
        default -> {
          return entry(type, header, pax);
        }
      }
    }
  }

  /** The content of the current member, without its holes. */
  InputStream content() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int from, int length) throws IOException {
        if (remaining == 0) {
          return -1;
        }
        int count = in.read(target, from, (int) Math.min(length, remaining));
        if (count < 0) {
          throw new EOFException("tar ends within a member");
        }
        remaining -= count;
        return count;
      }
    };
  }

  private void open(long length) {
    remaining = length;
    padding = -length & (BLOCK_BYTES - 1);
  }

  private Entry entry(char type, byte[] header, Map<String, String> pax) throws IOException {
    String name = pax.getOrDefault("path", text(header, 0, 100));
    String prefix = text(header, 345, 155);
    boolean isUstar = text(header, 257, 8).equals("ustar");
    if (isUstar && !prefix.isEmpty() && !pax.containsKey("path")) {
      name = prefix + "/" + name;
    }
    String linkName = pax.getOrDefault("linkpath", text(header, 157, 100));
    if (pax.containsKey("size")) {
      open(Long.parseLong(pax.get("size")));
    }
    String realSize = pax.get("GNU.sparse.realsize");
    if (type == 'S') {
      return new Entry('0', name, linkName, number(header, OLD_SIZE_OFFSET, 12), oldMap(header));
    } else if (realSize != null) {
      String realName = pax.getOrDefault("GNU.sparse.name", name);
      return new Entry(type, realName, linkName, Long.parseLong(realSize), newMap());
    }
    return new Entry(type, name, linkName, remaining, List.of(new Extent(0, remaining)));
  }

  private void readPax(Map<String, String> pax) throws IOException {
    if (remaining > MAX_PAX_BYTES) {
      throw new IOException("pax header of " + remaining + " bytes");
    }
    byte[] records = content().readAllBytes();
    for (int at = 0; at < records.length; ) {
      // "30 path=some/long/name\n": the length counts itself.
      String rest = new String(records, at, records.length - at, StandardCharsets.UTF_8);
      int space = rest.indexOf(' ');
      int length = Integer.parseInt(rest.substring(0, space));
      String pair = new String(records, at + space + 1, length - space - 2, StandardCharsets.UTF_8);
      int equals = pair.indexOf('=');
      pax.put(pair.substring(0, equals), pair.substring(equals + 1));
      at += length;
    }
  }

  /** In the header and, where that does not suffice, in blocks before the content. */
  private List<Extent> oldMap(byte[] header) throws IOException {
    List<Extent> map = new ArrayList<>();
    addExtents(header, OLD_MAP_OFFSET, OLD_MAP_EXTENTS, map);
    boolean more = header[OLD_MORE_OFFSET] != 0;
    while (more) {
      byte[] next = block();
      addExtents(next, 0, OLD_NEXT_EXTENTS, map);
      more = next[OLD_NEXT_MORE_OFFSET] != 0;
    }
    return map;
  }

  private static void addExtents(byte[] block, int from, int count, List<Extent> map)
      throws IOException {
    for (int at = from; at < from + count * 24 && block[at] != 0; at += 24) {
      map.add(new Extent(number(block, at, 12), number(block, at + 12, 12)));
    }
  }

  /** In decimal lines at the start of the content, padded to a whole block. */
  private List<Extent> newMap() throws IOException {
    InputStream content = content();
    long before = remaining;
    long count = decimalLine(content);
    List<Extent> map = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      map.add(new Extent(decimalLine(content), decimalLine(content)));
    }
    content.skipNBytes(-(before - remaining) & (BLOCK_BYTES - 1));
    return map;
  }

  private static long decimalLine(InputStream content) throws IOException {
    long value = 0;
    for (int digit = content.read(); digit != '\n'; digit = content.read()) {
      if (digit < '0' || digit > '9') {
        throw new IOException("not a number in a map of holes");
      }
      value = value * 10 + digit - '0';
    }
    return value;
  }

  private byte[] block() throws IOException {
    byte[] block = in.readNBytes(BLOCK_BYTES);
    if (block.length < BLOCK_BYTES) {
      throw new EOFException("tar ends without its last blocks");
    }
    return block;
  }

  private static String text(byte[] block, int from, int length) {
    int end = from;
    while (end < from + length && block[end] != 0) {
      end++;
    }
    return new String(block, from, end - from, StandardCharsets.UTF_8);
  }

  /** Octal digits, or binary where the first bit is set. */
  private static long number(byte[] block, int from, int length) throws IOException {
    long value = 0;
    if (block[from] < 0) {
      for (int at = from + length - Long.BYTES; at < from + length; at++) {
        value = value << 8 | (block[at] & 0xff);
      }
      return value;
    }
    String digits = text(block, from, length).trim();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new IOException("not a number in a tar header: " + digits, e);
    }
  }
}
