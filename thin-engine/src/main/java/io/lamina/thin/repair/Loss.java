package io.lamina.thin.repair;

import io.lamina.ondisk.Damage;

/**
 * A range that could not be saved.
 *
 * @param deviceId whose; -1 where all devices of a part of the device tree are lost
 * @param firstKey the first virtual block, or device id, of it
 * @param lastKey the last, itself included; -1, the highest unsigned, for all that follow
 * @param damage why
 */
public record Loss(long deviceId, long firstKey, long lastKey, Damage damage) {
  /** One line. */
  @Override
  public String toString() {
    String last = lastKey == -1 ? " and on" : " to " + Long.toUnsignedString(lastKey);
    String what = deviceId < 0 ? "devices " : "device " + deviceId + ": mappings of blocks ";
    return what + Long.toUnsignedString(firstKey) + last + " are lost: " + damage;
  }
}
