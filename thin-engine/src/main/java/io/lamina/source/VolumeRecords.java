package io.lamina.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The records of a pool's volumes, one file each: in a pool directory {@code volumes/NAME.json}, in
 * a docker root {@code devicemapper/metadata/NAME}. A change is on stable storage when it returns,
 * and after a power cut a record is either as before or as after it.
 *
 * <p>Not safe for use by many threads; whoever changes records holds the pool's lock.
 */
public final class VolumeRecords {
  private static final String SUFFIX = ".json";

  /** What docker writes beside the records of its devices. */
  static final String NOTES_SUFFIX = "-metadata";

  private static final int MAX_RECORD_BYTES = 1 << 16;

  /** Names that need no quoting, and are no option, no hidden file and no path. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,199}");

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  private final Path pool;
  private final Path directory;
  private final String suffix;
  private final Map<String, VolumeRecord> byName = new TreeMap<>();

  private VolumeRecords(Path pool, String directory, String suffix) throws IOException {
    this.pool = pool;
    this.directory = pool.resolve(directory);
    this.suffix = suffix;
    if (Files.isDirectory(this.directory)) {
      readAll();
    }
  }

  /**
   * Reads the records of a pool; there may be none.
   *
   * @param pool the pool's directory
   * @throws IOException when one cannot be read, is no record, or has a device that another has;
   *     the message names it
   */
  public static VolumeRecords of(Path pool) throws IOException {
    return new VolumeRecords(pool, "volumes", SUFFIX);
  }

  /**
   * Reads the records of a docker root's devices, which docker calls after its layers.
   *
   * @throws IOException as {@link #of}
   */
  public static VolumeRecords ofDocker(Path root) throws IOException {
    return new VolumeRecords(root.resolve("devicemapper"), "metadata", "");
  }

  private void readAll() throws IOException {
    Map<Integer, String> owners = new HashMap<>();
    for (Path file : files()) {
      String fileName = file.getFileName().toString();
      VolumeRecord read = read(file, fileName.substring(0, fileName.length() - suffix.length()));
      String other = owners.put(read.deviceId(), read.name());
      if (other != null) {
        throw new IOException(
            file + ": device_id " + read.deviceId() + " is that of volume " + other + " too");
      }
      byName.put(read.name(), read);
    }
  }

  /** In the order of their names, so that the same damage is always told in the same words. */
  private SortedSet<Path> files() throws IOException {
    SortedSet<Path> found = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String fileName = file.getFileName().toString();
        boolean isNote = suffix.isEmpty() && fileName.endsWith(NOTES_SUFFIX);
        if (!fileName.startsWith(".") && fileName.endsWith(suffix) && !isNote) {
          found.add(file); // all others are being written, or none of ours
        }
      }
    }
    return found;
  }

  private static VolumeRecord read(Path file, String name) throws IOException {
    try {
      if (!NAME.matcher(name).matches()) {
        throw new IOException("is no name of a volume");
      }
      if (!Files.isRegularFile(file)) {
        throw new IOException("is no regular file");
      }
      try (InputStream in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(MAX_RECORD_BYTES + 1);
        if (bytes.length > MAX_RECORD_BYTES) {
          throw new IOException("too long for a record of a volume");
        }
        return RecordJson.read(name, bytes);
      }
    } catch (IOException e) {
      String message = e.getMessage();
      throw new IOException(file + ": record of a volume: " + message, e);
    }
  }

  /**
   * Whether a new volume may be called so.
   *
   * @throws IOException that says what names are like
   */
  public static void checkName(String name) throws IOException {
    if (!NAME.matcher(name).matches() || NUMBER.matcher(name).matches()) {
      throw new IOException(
          "'"
              + name
              + "' is no name for a volume: letters, digits and _ . + @ - (not first),"
              + " not digits alone, 200 at the most");
    }
  }

  /** All of them, by name. */
  public Map<String, VolumeRecord> byName() {
    return Collections.unmodifiableMap(byName);
  }

  /** All of them. */
  public Collection<VolumeRecord> all() {
    return byName().values();
  }

  /** Writes a record, a new one or in place of the one of that name. */
  public void put(VolumeRecord volume) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(directory);
      sync(pool);
    }
    Path temporary = directory.resolve("." + volume.name() + suffix + ".tmp");
    try (FileChannel out =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(RecordJson.write(volume));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(temporary, file(volume.name()), StandardCopyOption.ATOMIC_MOVE);
    sync(directory);
    byName.put(volume.name(), volume);
  }

  /** Removes the record of that name, where there is one. */
  public void remove(String name) throws IOException {
    Files.deleteIfExists(file(name));
    sync(directory);
    byName.remove(name);
  }

  /**
   * Gives a record another name.
   *
   * @throws IOException also when there is none, or another has the new name
   */
  public void rename(String name, String newName) throws IOException {
    VolumeRecord volume = byName.get(name);
    if (volume == null || byName.containsKey(newName)) {
      throw new IOException(
          volume == null ? "no volume " + name : "volume " + newName + " exists already");
    }
    Files.move(file(name), file(newName), StandardCopyOption.ATOMIC_MOVE);
    sync(directory);
    byName.remove(name);
    byName.put(
        newName,
        new VolumeRecord(
            newName,
            volume.deviceId(),
            volume.size(),
            volume.transactionId(),
            volume.initialized(),
            volume.deleted()));
  }

  /** The file of a record. */
  public Path file(String name) {
    return directory.resolve(name + suffix);
  }

  /** Where records lie, for messages. */
  public Path directory() {
    return directory;
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
