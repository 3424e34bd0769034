package io.lamina.images;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Unpacks an archive of a fixture as any user: content, holes and symbolic links; not owners, times
 * and special files.
 */
final class Unpacker {
  /** The archives were packed with {@code zstd --long=27}. */
  private static final int WINDOW_LOG = 27;

  /** A docker root, packed as a tar inside; unpacked in its place. */
  private static final String INNER_TAR = "/var-lib-docker.tar";

  /** Those small enough to be kept too, to be unpacked once more with owners and attributes. */
  private static final String KEPT_INNER_TARS = FixtureCache.DOCKER_ROOTS + "/";

  private Unpacker() {}

  static void unpack(InputStream archive, Path target) throws IOException {
    try (ZstdInputStream tar = new ZstdInputStream(archive).setLongMax(WINDOW_LOG)) {
      unpackTar(tar, target);
    }
  }

  private static void unpackTar(InputStream in, Path target) throws IOException {
    TarReader tar = new TarReader(in);
    for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
      Path place = target.resolve(entry.name()).normalize();
      if (!place.startsWith(target)) {
        throw new IOException("entry leads out of the archive: " + entry.name());
      }
      if (!entry.name().endsWith(INNER_TAR)) {
        unpackEntry(tar, entry, target, place);
      } else if (entry.name().startsWith(KEPT_INNER_TARS)) {
        unpackEntry(tar, entry, target, place);
        try (InputStream inner = Files.newInputStream(place)) {
          unpackTar(inner, place.resolveSibling(""));
        }
      } else {
        unpackTar(tar.content(), place.resolveSibling(""));
      }
    }
  }

  private static void unpackEntry(TarReader tar, TarReader.Entry entry, Path target, Path place)
      throws IOException {
    Files.createDirectories(place.resolveSibling(""));
    switch (entry.type()) {
      case '0' -> writeFile(tar.content(), entry, place);
      case '1' -> Files.createLink(place, target.resolve(entry.linkName()).normalize());
      case '2' -> Files.createSymbolicLink(place, Path.of(entry.linkName()));
      case '5' -> Files.createDirectories(place);
      case '3', '4', '6' -> {} // Device nodes and pipes: making them takes root, and nobody asks.
      default -> throw new IOException(entry.name() + " is of type " + entry.type());
    }
  }

  private static void writeFile(InputStream content, TarReader.Entry entry, Path place)
      throws IOException {
    try (FileChannel file =
        FileChannel.open(place, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      SparseFiles.setSize(file, entry.size());
      for (TarReader.Extent data : entry.data()) {
        SparseFiles.write(content, file, data.offset(), data.length());
      }
    }
  }
}
