package io.lamina.thin.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.images.Fixture;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class PoolCheckTest {
  private static final int SHOWN = 20;

  @ParameterizedTest
  @EnumSource(
      names = "DAMAGED_METADATA|DOCKER.*_(AUFS|OVERLAY2)|AUFS_UNION",
      mode = Mode.MATCH_NONE)
  void findsNothingInWhatTheKernelWrote(Fixture fixture) throws Exception {
    CheckReport report = check(fixture.metadata());
    assertThat(report.shown()).isEmpty();
    assertThat(report.isSound()).isTrue();
    assertThat(report.deviceCount()).isEqualTo(fixture.truth().devices().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"sb-needs-check", "sb-compat-ro-feature"})
  void isContentWithWhatIsUnusualOnly(String image) throws Exception {
    CheckReport report = check(damaged(image));
    assertThat(report.isSound()).isTrue();
    assertThat(report.needsCheck()).isEqualTo(image.equals("sb-needs-check"));
  }

  /** What thin_check passes is among these. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          sb-maproot-out-of-range;            device tree node at block 1099511627776: block number
          sb-maproot-is-superblock;           device tree node at block 0: use
          sb-nr-blocks-huge;                  superblock at block 0: metadata_nr_blocks
          sb-held-root-garbage;               superblock at block
          truncated-100k;                     block number: expected less than 25
          node-bitflip;                       btree node at block 28: checksum
          node-root-bitflip;                  btree node at block 435: checksum
          node-nr-entries-absurd;             mapping tree node at block 28: nr_entries
          node-nr-gt-max;                     mapping tree node at block 28: nr_entries
          node-max-entries-absurd;            mapping tree node at block 28: max_entries
          node-max-entries-600;               mapping tree node at block 28: max_entries
          node-value-size-0;                  mapping tree node at block 28: value_size
          node-value-size-24;                 mapping tree node at block 28: value_size
          node-flags-0;                       mapping tree node at block 28: flags
          node-flags-internal;                mapping tree node at block
          node-flags-both;                    mapping tree node at block 28: flags
          node-blocknr-wrong;                 btree node at block 28: blocknr
          node-nr-entries-0;                  mapping tree node at block 28: nr_entries
          node-zeroed;                        btree node at block 28: checksum
          cycle-self;                         mapping tree node at block 95: parent
          cycle-self-all;                     mapping tree node at block 95: parent
          cycle-top;                          mapping tree node at block 435: use
          child-out-of-range;                 mapping tree node at block 35184372088832: block number
          child-duplicate;                    mapping tree node at block 28: keys
          data-block-out-of-range;            data block of virtual block
          keys-unsorted;                      mapping tree node at block 28: key
          details-missing-device;             device details tree at block 437: device
          details-mapped-count-wrong;         mapped_blocks of device 0: expected 944, found 7
          datasm-bitmap-root-out-of-range;    data space map index tree node at block 1099511627776
          datasm-used-block-marked-free;      data space map at block
          datasm-bitmap-bitflip;              space map bitmap at block 433: checksum
          """)
  void namesTheDamage(String image, String words) throws Exception {
    CheckReport report = check(damaged(image));
    assertThat(report.shown()).anySatisfy(damage -> assertThat(damage.toString()).contains(words));
  }

  @ParameterizedTest
  @CsvSource({
    "sb-csum-bitflip, checksum",
    "sb-body-bitflip, checksum",
    "sb-zeroed, magic",
    "sb-bad-magic, magic",
    "sb-version-3, version",
    "sb-block-size-0, data_block_size",
    "sb-block-size-100, data_block_size",
    "sb-blocknr-5, blocknr",
    "truncated-mid-superblock, too few",
    "truncated-0, too few"
  })
  void refusesWhatHasNoSuperblockToStartFrom(String image, String word) {
    assertThatThrownBy(() -> check(damaged(image)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(word);
  }

  @Test
  void refusesAnUnknownFeature() {
    assertThatThrownBy(() -> check(damaged("sb-incompat-feature")))
        .isInstanceOf(UnsupportedException.class);
  }

  @Test
  void tellsAnUnderCountFromALeak() throws Exception {
    CheckReport report = check(damaged("datasm-used-block-marked-free"));
    assertThat(report.total(Finding.DATA_UNDER_COUNT)).isEqualTo(1);
    assertThat(report.total(Finding.DATA_LEAK)).isZero();
  }

  @Test
  void missesDataBlocksThatADataDeviceHasNoRoomFor() throws Exception {
    try (BlockDevice device = FileDevice.openReadOnly(Fixture.KERNEL_THIN_BASIC.metadata())) {
      CheckReport report = PoolCheck.run(device, 1 << 20, SHOWN, CheckProgress.NONE);
      assertThat(report.shown())
          .singleElement()
          .hasToString(
              "superblock at block 0: data space map nr_blocks: expected at most 16, the size of"
                  + " the device, found 8192");
    }
  }

  private static Path damaged(String image) throws IOException {
    return Fixture.DAMAGED_METADATA.file(image + ".img");
  }

  private static CheckReport check(Path metadata) throws IOException {
    try (BlockDevice device = FileDevice.openReadOnly(metadata)) {
      return PoolCheck.run(device, -1, SHOWN, CheckProgress.NONE);
    }
  }
}
