package io.lamina.control;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a pool's socket lies: in a directory of this user alone, named by which file the pool's
 * metadata are, so that every path to them leads to it.
 */
final class SocketPlace {
  /** A socket's path cannot be longer, the zero byte at its end left out. */
  private static final int MAX_PATH_BYTES = 107;

  private static final int OTHERS = 077;

  private SocketPlace() {}

  /** What the socket of these metadata is called, wherever it lies. */
  private static String name(Path metadata) throws IOException {
    return FileIdentity.of(metadata).text() + ".socket";
  }

  /** All places where it may lie: those who start a mount need not have our environment. */
  static List<UnixDomainSocketAddress> existing(Path metadata) throws IOException {
    String name = name(metadata);
    return directories().stream()
        .map(directory -> directory.resolve(name))
        .filter(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS) && fits(path))
        .filter(path -> isPrivate(path.getParent()))
        .map(UnixDomainSocketAddress::of)
        .toList();
  }

  /**
   * A place for a new one; its directory is there afterwards.
   *
   * @throws IOException when no directory will do
   */
  static Path make(Path metadata) throws IOException {
    String name = name(metadata);
    for (Path directory : directories()) {
      Path path = directory.resolve(name);
      if (fits(path) && made(directory)) {
        return path;
      }
    }
    throw new IOException("no directory for a socket: none of " + directories() + " is ours alone");
  }

  private static boolean made(Path directory) {
    try {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      // Looked at below.
    } catch (IOException e) {
      return false;
    }
    return isPrivate(directory);
  }

  /** Whether it is a directory of this user that nobody else may look into. */
  private static boolean isPrivate(@Nullable Path directory) {
    if (directory == null || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try {
      return FileIdentity.number(directory, "uid", LinkOption.NOFOLLOW_LINKS) == userId()
          && (FileIdentity.number(directory, "mode", LinkOption.NOFOLLOW_LINKS) & OTHERS) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Most wanted first. */
  private static Set<Path> directories() throws IOException {
    Set<Path> found = new LinkedHashSet<>();
    String named = System.getenv("XDG_RUNTIME_DIR");
    if (named != null && !named.isEmpty()) {
      found.add(Path.of(named, "lamina"));
    }
    String user = Long.toString(userId());
    found.add(Path.of("/run/user", user, "lamina"));
    found.add(Path.of("/tmp", "lamina-" + user));
    return found;
  }

  private static long userId() throws IOException {
    return FileIdentity.number(Path.of("/proc/self"), "uid");
  }

  private static boolean fits(Path path) {
    return path.toString().length() <= MAX_PATH_BYTES;
  }
}
