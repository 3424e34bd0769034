package io.lamina.thin.check;

import io.lamina.ondisk.Damage;
import io.lamina.persist.walk.WalkedNode;
import io.lamina.thin.DeviceDetails;
import io.lamina.thin.PoolMetadata;
import io.lamina.thin.Superblock;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;

/** Looks at the devices: their trees, their details, and whether the two agree. */
final class DeviceCheck {
  private final Findings findings;
  private final Superblock superblock;
  private final TreeWalk devices;
  private final TreeWalk details;
  private final TreeWalk mappings;

  /** How many mappings each device has, or {@link BlockNotes#UNKNOWN}. */
  private final SortedMap<Long, Long> mapped = new TreeMap<>();

  private final SortedMap<Long, Long> detailed = new TreeMap<>();
  private long deviceCount;

  DeviceCheck(Survey survey, Superblock superblock, MappingCheck mappingCheck) {
    this.findings = survey.findings();
    this.superblock = superblock;
    this.mappings =
        new TreeWalk(survey, BlockUse.MAPPINGS, PoolMetadata.MAPPING_BYTES, mappingCheck);
    this.devices =
        new TreeWalk(survey, BlockUse.DEVICES, PoolMetadata.MAPPING_BYTES, this::devices);
    this.details = new TreeWalk(survey, BlockUse.DETAILS, DeviceDetails.BYTES, this::details);
  }

  /** Devices of the committed trees. */
  long deviceCount() {
    return deviceCount;
  }

  /** Checks the committed trees. */
  void run() throws IOException {
    boolean hasMappings = devices.walk(superblock.mappingRoot()) != BlockNotes.UNKNOWN;
    boolean hasDetails = details.walk(superblock.detailsRoot()) != BlockNotes.UNKNOWN;
    deviceCount = mapped.size();
    compareCounts();
    if (hasMappings && hasDetails) {
      compareDevices();
    }
  }

  /**
   * Checks those of a metadata snapshot; what they share with the committed ones is passed over.
   */
  void runHeld(Superblock held) throws IOException {
    mapped.clear();
    detailed.clear();
    devices.walk(held.mappingRoot());
    details.walk(held.detailsRoot());
    compareCounts();
  }

  private boolean devices(WalkedNode leaf) throws IOException {
    checkIds(leaf);
    for (int i = 0; i < leaf.entryCount(); i++) {
      mapped.put(leaf.key(i), mappings.walk(leaf.value(i)));
    }
    return true;
  }

  private void checkIds(WalkedNode leaf) {
    int count = leaf.entryCount();
    if (count > 0 && Long.compareUnsigned(leaf.key(count - 1), PoolMetadata.MAX_DEVICE_ID) > 0) {
      findings.add(
          leaf.damaged(
                  "device id",
                  "at most " + PoolMetadata.MAX_DEVICE_ID,
                  Long.toUnsignedString(leaf.key(count - 1)))
              .damage());
    }
  }

  private boolean details(WalkedNode leaf) {
    checkIds(leaf);
    for (int i = 0; i < leaf.entryCount(); i++) {
      detailed.put(leaf.key(i), leaf.valueWord(i, 0));
      long times = leaf.valueWord(i, 2);
      atMost(leaf, i, "transaction_id", superblock.transactionId(), leaf.valueWord(i, 1));
      atMost(leaf, i, "creation_time", superblock.time(), times & 0xffff_ffffL);
      atMost(leaf, i, "snapshotted_time", superblock.time(), times >>> Integer.SIZE);
    }
    return true;
  }

  private void atMost(WalkedNode leaf, int index, String field, long most, long found) {
    if (Long.compareUnsigned(found, most) > 0) {
      findings.add(
          leaf.damaged(
                  field + " of device " + Long.toUnsignedString(leaf.key(index)),
                  "at most " + Long.toUnsignedString(most),
                  Long.toUnsignedString(found))
              .damage());
    }
  }

  private void compareCounts() {
    mapped.forEach(
        (id, count) -> {
          Long said = detailed.get(id);
          if (said != null && count != BlockNotes.UNKNOWN && !said.equals(count)) {
            findings.add(
                Damage.ofNumbers(
                    "device details tree",
                    superblock.detailsRoot(),
                    "mapped_blocks of device " + Long.toUnsignedString(id),
                    count,
                    said));
          }
        });
  }

  private void compareDevices() {
    for (Long id : mapped.keySet()) {
      if (!detailed.containsKey(id)) {
        missing("device details tree", superblock.detailsRoot(), id, "mapping");
      }
    }
    for (Long id : detailed.keySet()) {
      if (!mapped.containsKey(id)) {
        missing("device tree", superblock.mappingRoot(), id, "details");
      }
    }
  }

  private void missing(String tree, long root, long id, String other) {
    findings.add(
        new Damage(
            tree,
            root,
            "device " + Long.toUnsignedString(id),
            "present, as in the " + other + " tree",
            "none"));
  }
}
