package io.lamina.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One file of a manifest.
 *
 * @param path absolute; each character is one byte
 * @param type {@code f}ile, {@code d}irectory, symbolic {@code l}ink, {@code p}ipe, {@code s}ocket,
 *     {@code c}haracter or {@code b}lock device
 * @param permissions the low 12 bits of {@code st_mode}
 * @param userId unsigned 32 bits
 * @param groupId unsigned 32 bits
 * @param size length in bytes
 * @param linkCount {@code st_nlink}
 * @param inodeNr {@code st_ino}
 * @param accessTime {@code st_atim}
 * @param modificationTime {@code st_mtim}
 * @param changeTime {@code st_ctim}
 * @param sectorCount {@code st_blocks}
 * @param device {@code major:minor} of a device node
 * @param target of a symbolic link; each character is one byte
 * @param flags of {@code FS_IOC_GETFLAGS}; null where the kernel told none (only files and
 *     directories were asked)
 * @param sha256 of the content, in hexadecimal, of files up to 256 MiB
 * @param segments of the content, of longer files: all else in them is zero
 * @param xattrs values of all extended attributes by their names
 */
public record ManifestEntry(
    String path,
    char type,
    int permissions,
    long userId,
    long groupId,
    long size,
    long linkCount,
    long inodeNr,
    Instant accessTime,
    Instant modificationTime,
    Instant changeTime,
    long sectorCount,
    @Nullable String device,
    @Nullable String target,
    @Nullable Integer flags,
    @Nullable String sha256,
    @Nullable List<Segment> segments,
    SortedMap<String, byte[]> xattrs) {
  /** The same file at another place. */
  public ManifestEntry withPath(String newPath) {
    return new ManifestEntry(
        newPath,
        type,
        permissions,
        userId,
        groupId,
        size,
        linkCount,
        inodeNr,
        accessTime,
        modificationTime,
        changeTime,
        sectorCount,
        device,
        target,
        flags,
        sha256,
        segments,
        xattrs);
  }

  /** A range of a file that {@code SEEK_DATA} and {@code SEEK_HOLE} found, with its checksum. */
  public record Segment(long offset, long length, String sha256) {}

  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

  static ManifestEntry of(JsonNode node) throws IOException {
    String path = bytes(node, "path");
    if (path == null || node.has("xattr_error")) {
      throw new IOException("not a manifest's line: " + node);
    }
    return new ManifestEntry(
        path,
        node.required("type").textValue().charAt(0),
        Integer.parseInt(node.required("mode").textValue(), 8),
        node.required("uid").longValue(),
        node.required("gid").longValue(),
        node.required("size").longValue(),
        node.required("nlink").longValue(),
        node.required("ino").longValue(),
        instant(node.required("atime_ns")),
        instant(node.required("mtime_ns")),
        instant(node.required("ctime_ns")),
        node.required("blocks512").longValue(),
        node.path("rdev").textValue(),
        bytes(node, "target"),
        node.has("flags") ? Integer.decode(node.path("flags").textValue()) : null,
        node.path("sha256").textValue(),
        segments(node.path("segments_off_len_sha256")),
        xattrs(node.path("xattrs_hex")));
  }

  private static Instant instant(JsonNode nanos) {
    BigInteger[] parts = nanos.bigIntegerValue().divideAndRemainder(NANOS);
    return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact());
  }

  /** A string that is UTF-8, or else written down in hexadecimal. */
  private static @Nullable String bytes(JsonNode node, String field) {
    String hex = node.path(field + "_hex").textValue();
    if (hex != null) {
      return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }
    String text = node.path(field).textValue();
    return text == null
        ? null
        : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static @Nullable List<Segment> segments(JsonNode array) {
    if (array.isMissingNode()) {
      return null;
    }
    List<Segment> segments = new ArrayList<>();
    for (JsonNode segment : array) {
      segments.add(
          new Segment(
              segment.path(0).longValue(),
              segment.path(1).longValue(),
              segment.path(2).textValue()));
    }
    return List.copyOf(segments);
  }

  private static SortedMap<String, byte[]> xattrs(JsonNode object) {
    SortedMap<String, byte[]> xattrs = new TreeMap<>();
    object
        .properties()
        .forEach(
            xattr ->
                xattrs.put(xattr.getKey(), HexFormat.of().parseHex(xattr.getValue().textValue())));
    return Collections.unmodifiableSortedMap(xattrs);
  }
}
