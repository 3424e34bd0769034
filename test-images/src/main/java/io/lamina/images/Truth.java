package io.lamina.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel and other people's tools said about the pool of a fixture: its {@code truth/}.
 */
public final class Truth {
  private final Path directory;
  private final List<TrueDevice> devices;

  private Truth(Path directory, List<TrueDevice> devices) {
    this.directory = directory;
    this.devices = List.copyOf(devices);
  }

  static Truth read(Fixture fixture) throws IOException {
    Path directory = fixture.file("truth");
    List<TrueDevice> devices =
        switch (fixture) {
          case DOCKER_DEVICEMAPPER, DOCKER19_DEVICEMAPPER -> dockerDevices(directory);
          case LVM_THIN -> lvmDevices(directory);
          default -> plainDevices(directory);
        };
    devices.sort(Comparator.comparingInt(TrueDevice::id));
    return new Truth(directory, devices);
  }

  /** Every device of the pool, in the order of their ids. */
  public List<TrueDevice> devices() {
    return devices;
  }

  /** The device of this id. */
  public TrueDevice device(int id) {
    return devices.stream().filter(device -> device.id() == id).findFirst().orElseThrow();
  }

  /** One of its files: {@code thin_dump.xml}. */
  public Path file(String name) {
    return directory.resolve(name);
  }

  /** Everything in the metadata, as {@code thin_dump} printed it. */
  public MetadataDump dump() throws IOException {
    return MetadataDump.read(file("thin_dump.xml"));
  }

  /**
   * The words of {@code dmsetup status} of the active pool, from the transaction id on: {@code 0},
   * {@code 450/4096}, {@code 2521/8192}, {@code -}, {@code rw} ...
   */
  public List<String> poolStatus() throws IOException {
    for (String name : List.of("pool.txt", "dmsetup-status.txt")) {
      if (Files.exists(file(name))) {
        for (String line : Files.readAllLines(file(name))) {
          Matcher status = POOL_STATUS.matcher(line);
          if (status.lookingAt()) {
            return List.of(line.substring(status.end()).trim().split(" ", -1));
          }
        }
      }
    }
    throw new IOException("no status of a pool in " + directory);
  }

  /** The table has device numbers where the status has a transaction id. */
  private static final Pattern POOL_STATUS =
      Pattern.compile("(vg0-pool0-tpool: )?0 \\d+ thin-pool (?=\\d+ \\d+/)");

  private static final Pattern THIN_STATUS = Pattern.compile("thin (\\d+): 0 (\\d+) thin .*");

  private static List<TrueDevice> plainDevices(Path directory) throws IOException {
    List<TrueDevice> devices = new ArrayList<>();
    Path pool = directory.resolve("pool.txt");
    if (Files.exists(pool)) {
      for (String line : Files.readAllLines(pool)) {
        Matcher thin = THIN_STATUS.matcher(line);
        if (thin.matches()) {
          devices.add(plainDevice(directory, thin.group(1), Long.parseLong(thin.group(2))));
        }
      }
      return devices;
    }
    try (var files = Files.newDirectoryStream(directory, "thin-*.sectors")) {
      for (Path file : files) {
        String id = file.getFileName().toString().replaceAll("\\D", "");
        devices.add(plainDevice(directory, id, Long.parseLong(Files.readString(file).trim())));
      }
    }
    return devices;
  }

  private static TrueDevice plainDevice(Path directory, String id, long sectorCount)
      throws IOException {
    String stem = "thin-" + id;
    String sha256 = firstWord(Files.readString(directory.resolve(stem + ".sha256")));
    return device(directory, stem, Integer.parseInt(id), id, sectorCount, sha256);
  }

  private static List<TrueDevice> lvmDevices(Path directory) throws IOException {
    List<TrueDevice> devices = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve("dmsetup-table.txt"))) {
      // vg0-root: 0 409600 thin 253:2 1
      String[] words = line.split(" ", -1);
      if (words[3].equals("thin")) {
        String name = words[0].replaceAll("^vg0-|:$", "");
        String sha256 = firstWord(Files.readString(directory.resolve(name + ".sha256")));
        int id = Integer.parseInt(words[5]);
        devices.add(device(directory, name, id, name, Long.parseLong(words[2]), sha256));
      }
    }
    return devices;
  }

  private static List<TrueDevice> dockerDevices(Path directory) throws IOException {
    Path hashFile = directory.resolve("devices.sha256");
    List<String> hashes = Files.exists(hashFile) ? Files.readAllLines(hashFile) : List.of();
    List<TrueDevice> devices = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve("devices.txt"))) {
      if (line.startsWith("not a device")) {
        continue;
      }
      // 1 base 2097152 ext4 0 2097152 thin 100224 2097151
      String[] words = line.split(" ", -1);
      String stem = "dev-" + words[0];
      @Nullable String sha256 =
          hashes.stream()
              .filter(hash -> hash.endsWith(" " + stem))
              .map(Truth::firstWord)
              .findFirst()
              .orElse(null);
      devices.add(
          device(
              directory,
              stem,
              Integer.parseInt(words[0]),
              words[1],
              Long.parseLong(words[2]),
              sha256));
    }
    return devices;
  }

  private static TrueDevice device(
      Path directory, String stem, int id, String name, long sectorCount, @Nullable String sha256) {
    Path manifest = directory.resolve(stem + ".manifest.jsonl");
    boolean hasFiles = Files.exists(manifest);
    boolean isXfs = Files.exists(directory.resolve(stem + ".xfs_info"));
    return new TrueDevice(
        id,
        name,
        sectorCount,
        sha256,
        isXfs ? "xfs" : hasFiles ? "ext4" : "raw",
        Files.exists(directory.resolve(stem + ".fsck-before")),
        hasFiles ? manifest : null);
  }

  private static String firstWord(String line) {
    return line.substring(0, line.indexOf(' '));
  }
}
