package io.lamina.ext4;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes images of blocks to their places, neighbours together. */
final class HomeWriter {
  private static final int MAX_BYTES = 1 << 20;

  private final Volume volume;
  private final int blockBytes;

  HomeWriter(Volume volume) {
    this.volume = volume;
    this.blockBytes = volume.geometry().blockBytes();
  }

  /**
   * Writes images.
   *
   * @param images in rising order of their blocks
   */
  void write(List<MetadataBlock> images) throws IOException {
    int first = 0;
    while (first < images.size()) {
      int end = endOfRun(images, first);
      write(images.subList(first, end), images.get(first).blockNr());
      first = end;
    }
  }

  private int endOfRun(List<MetadataBlock> images, int first) {
    int most = Math.min(images.size(), first + MAX_BYTES / blockBytes);
    int end = first + 1;
    while (end < most && images.get(end).blockNr() == images.get(end - 1).blockNr() + 1) {
      end++;
    }
    return end;
  }

  private void write(List<MetadataBlock> run, long blockNr) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(run.size() * blockBytes);
    for (MetadataBlock image : run) {
      bytes.put(image.bytes().duplicate().clear());
    }
    volume.writable().write(blockNr * blockBytes, bytes.flip());
    for (MetadataBlock image : run) {
      volume.settle(image);
    }
  }
}
