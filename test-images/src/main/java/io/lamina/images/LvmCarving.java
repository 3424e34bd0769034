package io.lamina.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Cuts the two devices of a thin pool out of an LVM physical volume, by the tables that LVM gave to
 * the kernel: for tests that want a pool as two files.
 */
final class LvmCarving {
  private static final int SECTOR_BYTES = 512;

  private LvmCarving() {}

  /** The name of the file that the metadata or data device is cut into. */
  static String fileOf(String role) {
    return "pool0_t" + (role.equals("metadata") ? "meta" : "data") + ".img";
  }

  /** Does nothing for a fixture without {@code pv.img}. */
  static void carve(Path fixture) throws IOException {
    Path volume = fixture.resolve("pv.img");
    if (!Files.exists(volume)) {
      return;
    }
    for (String line : Files.readAllLines(fixture.resolve("truth/dmsetup-table.txt"))) {
      // vg0-pool0_tdata: 0 614400 linear 254:16 18432
      String[] words = line.split(" ", -1);
      String device = words[0].replaceAll("^vg0-|:$", "");
      if (words[3].equals("linear") && device.startsWith("pool0_t")) {
        long sectorCount = Long.parseLong(words[2]);
        long firstSector = Long.parseLong(words[5]);
        SparseFiles.copy(
            volume,
            firstSector * SECTOR_BYTES,
            sectorCount * SECTOR_BYTES,
            fixture.resolve(device + ".img"));
      }
    }
  }
}
