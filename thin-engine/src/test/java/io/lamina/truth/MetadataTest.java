package io.lamina.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.lamina.block.FileDevice;
import io.lamina.images.Fixture;
import io.lamina.images.MetadataDump;
import io.lamina.thin.DeviceDetails;
import io.lamina.thin.PoolMetadata;
import io.lamina.thin.PoolStatus;
import io.lamina.thin.ThinPool;
import io.lamina.thin.VolumeSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The metadata of a pool hold what thin_dump printed and dmsetup counted. */
class MetadataTest {
  private static final long CACHE_BYTES = 8 << 20;

  @ParameterizedTest
  @MethodSource("io.lamina.truth.Pools#fixtures")
  void hasTheMappingsThatThinDumpPrinted(Fixture fixture) throws IOException {
    try (FileDevice device = FileDevice.openReadOnly(fixture.metadata())) {
      PoolMetadata metadata = PoolMetadata.open(device, false, CACHE_BYTES);
      MetadataDump dump = dump(fixture);
      assertThat(metadata.committed().dataBlockSectors()).isEqualTo(dump.dataBlockSectors());
      assertThat(metadata.committed().transactionId()).isEqualTo(dump.transactionId());
      assertThat(metadata.committed().time()).isEqualTo(dump.time());
      assertThat(metadata.dataBlockCount()).isEqualTo(dump.dataBlockCount());
      assertSameDevices(metadata, dump);
    }
  }

  @Test
  void hasTheMappingsOfTheHeldRoot() throws IOException {
    Fixture fixture = Fixture.KERNEL_THIN_SHARED_OVERFLOW;
    try (FileDevice device = FileDevice.openReadOnly(fixture.metadata())) {
      PoolMetadata metadata = PoolMetadata.open(device, true, CACHE_BYTES);
      assertSameDevices(metadata, heldDump());
    }
  }

  /** LVM's pool was not dumped by its writer. */
  private static MetadataDump dump(Fixture fixture) throws IOException {
    if (Files.exists(fixture.truth().file("thin_dump.xml"))) {
      return fixture.truth().dump();
    }
    assumeFalse(ThinDump.isMissing(), "thin_dump is not installed");
    return ThinDump.of(fixture.metadata());
  }

  private static MetadataDump heldDump() throws IOException {
    return MetadataDump.read(
        Fixture.KERNEL_THIN_SHARED_OVERFLOW.truth().file("thin_dump-held-root.xml"));
  }

  private static void assertSameDevices(PoolMetadata metadata, MetadataDump dump)
      throws IOException {
    List<Integer> ids = new ArrayList<>();
    metadata.forEachDevice((id, root) -> ids.add(id));
    assertThat(ids).containsExactlyElementsOf(dump.devices().stream().map(it -> it.id()).toList());
    for (MetadataDump.Device expected : dump.devices()) {
      List<String> mappings = new ArrayList<>();
      metadata.forEachMapping(
          metadata.deviceRoot(expected.id()).orElseThrow(),
          (blockNr, dataBlockNr, time, shared) ->
              mappings.add(Pools.mapping(blockNr, dataBlockNr, time)));
      assertThat(mappings).as("device " + expected.id()).isEqualTo(Pools.mappings(expected));
      assertThat(metadata.deviceDetails(expected.id()))
          .contains(
              new DeviceDetails(
                  expected.mappedBlocks(),
                  expected.createdIn(),
                  expected.creationTime(),
                  expected.snapshottedTime()));
    }
  }

  @ParameterizedTest
  @MethodSource("io.lamina.truth.Pools#fixtures")
  void countsEachReferenceExactly(Fixture fixture) throws IOException {
    try (FileDevice device = FileDevice.openReadOnly(fixture.metadata())) {
      PoolMetadata metadata = PoolMetadata.open(device, false, CACHE_BYTES);
      References references = References.of(device, metadata);
      assertThat(Counts.of(metadata.metadataSpaceMap())).isEqualTo(references.toMetadata());
      assertThat(Counts.of(metadata.dataSpaceMap())).isEqualTo(references.toData());
    }
  }

  @ParameterizedTest
  @MethodSource("io.lamina.truth.Pools#fixtures")
  void hasTheStatusThatTheKernelGave(Fixture fixture) throws IOException {
    assumeFalse(fixture == Fixture.EXTERNAL_ORIGIN, "its writer noted no status");
    List<String> kernel = fixture.truth().poolStatus();
    try (ThinPool pool = Pools.open(fixture)) {
      PoolStatus status = pool.status();
      // The kernel counts what it keeps in reserve as used: a tenth, at most 16 MiB.
      long reserved = Math.min(4096, status.metadataBlockCount() / 10);
      assertThat(
              List.of(
                  Long.toString(status.transactionId()),
                  status.usedMetadataBlocks() + reserved + "/" + status.metadataBlockCount(),
                  status.usedDataBlocks() + "/" + status.dataBlockCount(),
                  status.heldRoot().isEmpty() ? "-" : "" + status.heldRoot().getAsLong()))
          .isEqualTo(kernel.subList(0, 4));
      assertThat(status.needsCheck()).isEqualTo(kernel.contains("needs_check"));
    }
  }

  @ParameterizedTest
  @MethodSource("io.lamina.truth.Pools#fixtures")
  void tellsWhatADeviceAloneMaps(Fixture fixture) throws IOException {
    MetadataDump dump = dump(fixture);
    boolean hasHeldRoot = fixture == Fixture.KERNEL_THIN_SHARED_OVERFLOW;
    Set<Long> held = new HashSet<>();
    if (hasHeldRoot) {
      heldDump().devices().forEach(device -> held.addAll(dataBlocks(device)));
    }
    Map<Long, Integer> references = new HashMap<>();
    for (MetadataDump.Device device : dump.devices()) {
      dataBlocks(device).forEach(blockNr -> references.merge(blockNr, 1, Integer::sum));
    }
    try (ThinPool pool = Pools.open(fixture)) {
      for (MetadataDump.Device device : dump.devices()) {
        long alone =
            dataBlocks(device).stream()
                .filter(blockNr -> references.get(blockNr) == 1 && !held.contains(blockNr))
                .count();
        assertThat(pool.exclusivelyMappedBlocks(device.id()))
            .as("device " + device.id())
            .isEqualTo(alone);
      }
    }
  }

  private static List<Long> dataBlocks(MetadataDump.Device device) {
    List<Long> blocks = new ArrayList<>();
    for (MetadataDump.Range range : device.ranges()) {
      for (long i = 0; i < range.blockCount(); i++) {
        blocks.add(range.firstDataBlockNr() + i);
      }
    }
    return blocks;
  }

  @ParameterizedTest
  @MethodSource("io.lamina.truth.Pools#fixtures")
  void listsTheVolumes(Fixture fixture) throws IOException {
    MetadataDump dump = dump(fixture);
    try (ThinPool pool = Pools.open(fixture)) {
      assertThat(pool.volumes())
          .containsExactlyElementsOf(
              dump.devices().stream()
                  .map(
                      device ->
                          new VolumeSummary(
                              device.id(),
                              Integer.toString(device.id()),
                              device.mappedBlocks(),
                              device.createdIn(),
                              device.creationTime(),
                              device.snapshottedTime()))
                  .toList());
    }
  }

  /** The truth was dumped on another machine; this one's tool must read the images the same. */
  @ParameterizedTest
  @MethodSource("io.lamina.truth.Pools#fixtures")
  void theInstalledThinDumpAgrees(Fixture fixture) throws IOException {
    assumeFalse(ThinDump.isMissing(), "thin_dump is not installed");
    assertThat(ThinDump.of(fixture.metadata())).isEqualTo(dump(fixture));
  }
}
