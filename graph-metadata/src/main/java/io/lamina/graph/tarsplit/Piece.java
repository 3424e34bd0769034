package io.lamina.graph.tarsplit;

import java.nio.ByteBuffer;

/**
 * A piece of a tar, in the order of the archive.
 *
 * @see <a href="https://github.com/vbatts/tar-split/blob/master/tar/storage/entry.go">tar-split's
 *     entries</a>
 */
public sealed interface Piece {
  /**
   * Bytes that are no file's content: headers, padding, the end.
   *
   * @param bytes as they stand in the archive, in an array of its own
   */
  record Segment(ByteBuffer bytes) implements Piece {}

  /**
   * The place of a file's content, which is kept elsewhere.
   *
   * @param name its path as the archive has it, a byte a character
   * @param size how many bytes
   * @param checksum CRC-64 of the content, of ISO 3309; 0 where there is none
   */
  record Content(String name, long size, long checksum) implements Piece {}
}
