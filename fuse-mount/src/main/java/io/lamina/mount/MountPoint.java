package io.lamina.mount;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** A directory to mount at, or mounted at. */
final class MountPoint {
  private final Path directory;

  private MountPoint(Path directory) {
    this.directory = directory;
  }

  /**
   * By its path without symbolic links. A mount whose server is gone cannot be looked at: then only
   * its parent is resolved.
   */
  static MountPoint of(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    try {
      return new MountPoint(absolute.toRealPath());
    } catch (FileSystemException e) {
      Path parent = absolute.getParent();
      Path name = absolute.getFileName();
      if (parent == null || name == null) {
        throw e;
      }
      Path resolved = parent.toRealPath().resolve(name);
      if (MountTable.at(resolved).isPresent()) {
        return new MountPoint(resolved);
      }
      throw e;
    }
  }

  Path path() {
    return directory;
  }

  Optional<MountTable.Entry> mount() throws IOException {
    return MountTable.at(directory);
  }

  /** Whether what is mounted here has no server any more. */
  boolean isStale() {
    try {
      Files.readAttributes(directory, BasicFileAttributes.class);
      return false;
    } catch (FileSystemException e) {
      String reason = e.getReason();
      return reason != null && reason.contains("not connected");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Checks that a tree can be mounted here.
   *
   * @throws IOException when not; the message says why, and what to do
   */
  void checkFree(boolean mayHoldSomething) throws IOException {
    Optional<MountTable.Entry> mounted = mount();
    if (mounted.isPresent() && mounted.get().isLamina()) {
      throw new IOException(
          isStale()
              ? directory + ": the server of the mount there is gone; first: lamina umount DIR"
              : directory + ": " + mounted.get().source() + " is mounted there already");
    }
    if (!Files.isDirectory(directory)) {
      throw new IOException(directory + ": not a directory");
    }
    if (!mayHoldSomething) {
      try (Stream<Path> content = Files.list(directory)) {
        if (content.findAny().isPresent()) {
          throw new IOException(directory + ": not empty; -o nonempty mounts over what it holds");
        }
      }
    }
  }

  /** The process that serves the mount here, where it says so. */
  OptionalLong server() {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(directory, UserDefinedFileAttributeView.class);
    ByteBuffer value = ByteBuffer.allocate(20);
    try {
      view.read(MountRoot.PROCESS_ATTRIBUTE, value);
      value.flip();
      return OptionalLong.of(Long.parseLong(StandardCharsets.US_ASCII.decode(value).toString()));
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
