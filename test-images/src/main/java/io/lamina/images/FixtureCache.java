package io.lamina.images;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Unpacked archives below {@code java.io.tmpdir}, one directory a user, in it one an archive, named
 * after the archive's own checksum. Other virtual machines may want the same at the same time: one
 * unpacks under a file lock, beside its final place, and moves it there when it is whole.
 */
final class FixtureCache {
  /** Lists the unpacked files with their sizes, so that a cleaner of old files is noticed. */
  private static final String INVENTORY = ".inventory";

  /** The archive that holds several docker roots. */
  static final String DOCKER_ROOTS = "docker-roots";

  private static final Map<String, Path> found = new HashMap<>();

  private FixtureCache() {}

  /** The directory of one fixture, unpacked when it was not. */
  static synchronized Path directory(String label) throws IOException {
    Path known = found.get(label);
    if (known != null) {
      return known;
    }
    Path home = home();
    Path place = home.resolve(label + "-" + checksum(label).substring(0, 16));
    try (FileChannel lockFile =
            FileChannel.open(
                home.resolve(label + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = lockFile.lock()) {
      if (!lock.isValid() || !isWhole(place)) {
        unpack(label, place);
      }
    }
    Path directory = place.resolve(label);
    found.put(label, directory);
    return directory;
  }

  /**
   * A docker root of {@link #DOCKER_ROOTS} with owners, modes, times, attributes and device nodes,
   * as only root can unpack it.
   */
  static synchronized Path withOwners(String fixture, Path innerTar) throws IOException {
    Path place =
        home().resolve(fixture + "-" + checksum(DOCKER_ROOTS).substring(0, 16) + "-owners");
    try (FileChannel lockFile =
            FileChannel.open(
                home().resolve(fixture + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = lockFile.lock()) {
      if (!lock.isValid() || !Files.isDirectory(place)) {
        Path unfinished = place.resolveSibling(place.getFileName() + ".unfinished");
        removeTree(unfinished);
        Files.createDirectories(unfinished);
        List<String> tar =
            List.of(
                "tar",
                "--xattrs",
                "--xattrs-include=*",
                "--numeric-owner",
                "-xpSf",
                innerTar.toString());
        HostTool.run(unfinished, "", tar);
        Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
      }
    }
    return place.resolve("docker");
  }

  private static Path home() throws IOException {
    Path tmp = Path.of(System.getProperty("java.io.tmpdir"));
    Path home = tmp.resolve("lamina-test-images-" + System.getProperty("user.name"));
    if (!Files.isDirectory(home)) {
      Files.createDirectories(
          home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return home;
  }

  private static void unpack(String label, Path place) throws IOException {
    Path unfinished = place.resolveSibling(place.getFileName() + ".unfinished");
    removeTree(unfinished);
    removeTree(place);
    Files.createDirectories(unfinished);
    try (InputStream archive = open(label)) {
      Unpacker.unpack(archive, unfinished);
    }
    LvmCarving.carve(unfinished.resolve(label));
    Files.write(unfinished.resolve(INVENTORY), inventory(unfinished));
    Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
  }

  private static boolean isWhole(Path place) throws IOException {
    Path inventory = place.resolve(INVENTORY);
    return Files.exists(inventory) && Files.readAllLines(inventory).equals(inventory(place));
  }

  private static List<String> inventory(Path place) throws IOException {
    try (Stream<Path> tree = Files.walk(place)) {
      List<Path> files =
          tree.filter(Files::isRegularFile)
              .filter(file -> !file.endsWith(INVENTORY))
              .sorted()
              .toList();
      return files.stream()
          .map(file -> file.toFile().length() + " " + place.relativize(file))
          .toList();
    }
  }

  private static String checksum(String label) throws IOException {
    try (InputStream archive = open(label);
        DigestInputStream digesting = new DigestInputStream(archive, sha256())) {
      digesting.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static InputStream open(String label) throws IOException {
    InputStream archive = FixtureCache.class.getResourceAsStream(label + ".tar.zst");
    if (archive == null) {
      throw new IOException("no archive " + label + ".tar.zst on the class path");
    }
    return archive;
  }

  private static void removeTree(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
