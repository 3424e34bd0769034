package io.lamina.thin.check;

import io.lamina.ondisk.Damage;
import java.util.List;
import java.util.Map;

/**
 * What a check found.
 *
 * @param deviceCount devices in the mapping tree
 * @param mappingCount mappings that were looked at; shared ones once
 * @param metadataBlockCount metadata blocks in use
 * @param needsCheck whether the pool asks for this check, which is no damage
 * @param leaksUnknown whether leaks were not looked for, because damage hides references
 * @param totals how much of each kind was found
 * @param shown the first of each kind
 */
public record CheckReport(
    long deviceCount,
    long mappingCount,
    long metadataBlockCount,
    boolean needsCheck,
    boolean leaksUnknown,
    Map<Finding, Long> totals,
    List<Damage> shown) {
  /** Keeps copies. */
  public CheckReport {
    totals = Map.copyOf(totals);
    shown = List.copyOf(shown);
  }

  /** How much of one kind was found. */
  public long total(Finding kind) {
    return totals.getOrDefault(kind, 0L);
  }

  /** Whether leaks are all that was found: the pool can be used, and they can be mended. */
  public boolean hasOnlyLeaks() {
    return !leaksUnknown
        && total(Finding.DAMAGE) == 0
        && total(Finding.DATA_UNDER_COUNT) == 0
        && total(Finding.METADATA_UNDER_COUNT) == 0;
  }

  /** Whether nothing was found. */
  public boolean isSound() {
    for (long total : totals.values()) {
      if (total > 0) {
        return false;
      }
    }
    return true;
  }
}
