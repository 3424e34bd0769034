package io.lamina.thin.check;

import io.lamina.block.WritableDevice;
import io.lamina.thin.CountRepair;
import io.lamina.thin.Leak;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks a pool, and mends what is only a leak: counts that are above the references. Where there
 * is anything worse, nothing is changed.
 */
public final class LeakRepair {
  private LeakRepair() {}

  /**
   * Checks and mends; a note that a check is needed is cleared.
   *
   * @param metadata that nobody else has: see {@link io.lamina.thin.MetadataLock}
   * @param dataBytes size of the data device; negative where it is not known
   * @param maxShown how many findings of a kind to keep
   * @return what the check found; mended where {@link CheckReport#hasOnlyLeaks}
   */
  public static CheckReport run(
      WritableDevice metadata, long dataBytes, int maxShown, CheckProgress progress)
      throws IOException {
    List<Leak> leaks = new ArrayList<>();
    CheckReport report = PoolCheck.run(metadata, dataBytes, maxShown, progress, leaks::add);
    if (report.hasOnlyLeaks() && (report.needsCheck() || !leaks.isEmpty())) {
      CountRepair.run(metadata, leaks);
    }
    return report;
  }
}
