package io.lamina.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The records of a pool's volumes, one file each: {@code NAME.json}, in a docker root {@code NAME}.
 * A change is on stable storage when it returns, and after a power cut a record is either as before
 * or as after it.
 *
 * <p>Not safe for use by many threads; whoever changes records holds the pool's lock.
 */
public final class VolumeRecords {

  /** What docker writes beside the records of its devices. */
  static final String NOTES_SUFFIX = "-metadata";

  private static final int MAX_RECORD_BYTES = 1 << 16;

  /** Names that need no quoting, and are no option, no hidden file and no path. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,199}");

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  private final RecordPlace place;
  private final Map<String, VolumeRecord> byName = new TreeMap<>();

  private VolumeRecords(RecordPlace place) {
    this.place = place;
  }

  /**
   * Reads the records that lie in a place; there may be none.
   *
   * @throws IOException when one cannot be read, is no record, or has a device that another has;
   *     the message names it
   */
  public static VolumeRecords in(RecordPlace place) throws IOException {
    try {
      return read(place);
    } catch (IOException e) {
      // Whoever only reads holds no lock: a record that is renamed meanwhile shows twice, or not.
      return read(place);
    }
  }

  private static VolumeRecords read(RecordPlace place) throws IOException {
    VolumeRecords records = new VolumeRecords(place);
    Path directory = place.directory();
    if (directory != null && Files.isDirectory(directory)) {
      records.readAll(directory);
    }
    return records;
  }

  /**
   * Reads the records of a pool's directory.
   *
   * @throws IOException as {@link #in}
   */
  public static VolumeRecords of(Path pool) throws IOException {
    return in(RecordPlace.ofPool(pool));
  }

  private void readAll(Path directory) throws IOException {
    Map<Integer, String> owners = new HashMap<>();
    for (Path file : files(directory)) {
      String fileName = file.getFileName().toString();
      VolumeRecord read =
          read(file, fileName.substring(0, fileName.length() - place.suffix().length()));
      String other = owners.put(read.deviceId(), read.name());
      if (other != null) {
        throw new IOException(
            file + ": device_id " + read.deviceId() + " is that of volume " + other + " too");
      }
      byName.put(read.name(), read);
    }
  }

  /** In the order of their names, so that the same damage is always told in the same words. */
  private SortedSet<Path> files(Path directory) throws IOException {
    SortedSet<Path> found = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String fileName = file.getFileName().toString();
        boolean isNote = place.suffix().isEmpty() && fileName.endsWith(NOTES_SUFFIX);
        if (!fileName.startsWith(".") && fileName.endsWith(place.suffix()) && !isNote) {
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
    place.prepare();
    AtomicFile.write(file(volume.name()), RecordJson.write(volume));
    byName.put(volume.name(), volume);
  }

  /** Removes the record of that name, where there is one. */
  public void remove(String name) throws IOException {
    if (byName.containsKey(name)) {
      Files.deleteIfExists(file(name));
      AtomicFile.sync(directory());
      byName.remove(name);
    }
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
    AtomicFile.sync(directory());
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

  /** The file of a record that there is. */
  public Path file(String name) {
    return directory().resolve(name + place.suffix());
  }

  /** Where records lie that there are, for messages. */
  public Path directory() {
    return Objects.requireNonNull(place.directory());
  }
}
