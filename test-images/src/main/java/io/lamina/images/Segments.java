package io.lamina.images;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Finds the runs of blocks of a long file that are not all zero. */
final class Segments {
  private static final int BLOCK_BYTES = 4096;
  private static final byte[] ZEROES = new byte[BLOCK_BYTES];

  private final List<ManifestEntry.Segment> segments = new ArrayList<>();
  private final MessageDigest digest;
  private long start;
  private long length;

  private Segments() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<ManifestEntry.Segment> of(Path file) throws IOException {
    Segments found = new Segments();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate(256 * BLOCK_BYTES);
      long offset = 0;
      while (channel.read(buffer, offset) > 0) {
        found.take(buffer.array(), buffer.position(), offset);
        offset += buffer.position();
        buffer.clear();
      }
    }
    found.end();
    return found.segments;
  }

  private void take(byte[] bytes, int count, long offset) {
    if (count == bytes.length && isZero(bytes)) {
      end();
      return;
    }
    for (int at = 0; at < count; at += BLOCK_BYTES) {
      int size = Math.min(BLOCK_BYTES, count - at);
      if (Arrays.equals(bytes, at, at + size, ZEROES, 0, size)) {
        end();
        continue;
      }
      if (length == 0) {
        start = offset + at;
      }
      digest.update(bytes, at, size);
      length += size;
    }
  }

  private static boolean isZero(byte[] bytes) {
    return bytes[0] == 0 && Arrays.equals(bytes, 0, bytes.length - 1, bytes, 1, bytes.length);
  }

  private void end() {
    if (length > 0) {
      String sha256 = HexFormat.of().formatHex(digest.digest());
      segments.add(new ManifestEntry.Segment(start, length, sha256));
      length = 0;
    }
  }
}
