package io.lamina.layer.image;

import io.lamina.fs.Name;
import io.lamina.layer.archive.EntryPath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** An archive that was unpacked, or never was one: an OCI layout as a directory. */
final class DirectoryFiles extends ArchiveFiles {
  private final Path directory;

  DirectoryFiles(Path directory) throws IOException {
    this.directory = directory.toRealPath();
  }

  @Override
  Optional<ArchiveFile> find(String name) throws IOException {
    Path path = directory.resolve(EntryPath.of(Name.of(name)).text());
    if (!Files.isRegularFile(path)) {
      return Optional.empty();
    }
    Path real = path.toRealPath();
    if (!real.startsWith(directory)) {
      return Optional.empty(); // a symbolic link that leads out
    }
    return Optional.of(new HostFile(real, Files.size(real)));
  }

  private record HostFile(Path path, long size) implements ArchiveFile {
    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(path);
    }
  }

  @Override
  List<String> directories() throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(Files::isDirectory)
          .map(entry -> entry.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Override
  public void close() {}
}
