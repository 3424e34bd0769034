package io.lamina.layer.archive;

import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.graph.tarsplit.Crc64;
import io.lamina.graph.tarsplit.Piece;
import io.lamina.graph.tarsplit.TarSplitReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Puts a layer's tar together again, byte for byte as it once came: from what docker kept of it,
 * and from the layer's files.
 */
public final class SplitTar {
  private static final int PIECE_BYTES = 1 << 17;

  private final Node layer;

  /**
   * A layer's tar.
   *
   * @param layer the root of the files that the layer brought
   */
  public SplitTar(Node layer) {
    this.layer = layer;
  }

  /**
   * Writes the tar.
   *
   * @throws ArchiveException when a file is missing or is not the one that came with the tar: what
   *     was written is then of no use
   */
  public void writeTo(TarSplitReader split, OutputStream out) throws IOException {
    for (Piece piece = split.next(); piece != null; piece = split.next()) {
      if (piece instanceof Piece.Segment segment) {
        out.write(segment.bytes().array());
      } else if (piece instanceof Piece.Content content && content.size() > 0) {
        write(content, out);
      }
    }
  }

  private void write(Piece.Content content, OutputStream out) throws IOException {
    Name name = Name.ofLatin1(content.name());
    Node file = EntryPath.of(name).find(layer);
    if (file == null) {
      throw new ArchiveException(name, "the layer has no such file any more");
    }
    Crc64 checksum = new Crc64();
    try (OpenFile open = file.open()) {
      if (open.size() != content.size()) {
        throw new ArchiveException(
            name, "the layer's file has " + open.size() + " bytes, its tar had " + content.size());
      }
      copy(open, checksum, out);
    }
    if (checksum.getValue() != content.checksum()) {
      throw new ArchiveException(name, "the layer's file is not the one that its tar had");
    }
  }

  private static void copy(OpenFile file, Crc64 checksum, OutputStream out) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    long offset = 0;
    int count = file.read(offset, ByteBuffer.wrap(piece));
    while (count > 0) {
      checksum.update(piece, 0, count);
      out.write(piece, 0, count);
      offset += count;
      count = file.read(offset, ByteBuffer.wrap(piece));
    }
  }
}
