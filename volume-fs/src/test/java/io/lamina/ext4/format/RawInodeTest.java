package io.lamina.ext4.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RawInodeTest {
  private static final int EXTRA_BYTES = 32;
  private static final int EXTRA_WITHOUT_ACCESS_TIME = 0xc;

  private static RawInode inode(int extraBytes) {
    RawInode inode = RawInode.blank(256);
    inode.setExtraBytes(extraBytes);
    inode.setAccessTime(1_700_000_000, 5);
    inode.setModificationTime(1_700_000_000, 5);
    inode.setChecksum(0x12345678);
    return inode;
  }

  @Test
  void thatItWasReadMakesNoDifference() {
    RawInode read = inode(EXTRA_BYTES);
    read.setAccessTime(1_800_000_000, 7);
    read.setChecksum(0x23456789);
    assertThat(read.isSameButForReading(inode(EXTRA_BYTES))).isTrue();
  }

  @Test
  void aChangeDoesSoThoughItWasReadToo() {
    RawInode changed = inode(EXTRA_BYTES);
    changed.setAccessTime(1_800_000_000, 7);
    changed.setChangeTime(1_800_000_000, 7);
    assertThat(changed.isSameButForReading(inode(EXTRA_BYTES))).isFalse();
  }

  @Test
  void anAttributeDoesSoWhereTheTimeWouldHaveStood() {
    RawInode other = inode(EXTRA_WITHOUT_ACCESS_TIME);
    other.bytes().put(RawInode.GOOD_OLD_BYTES + EXTRA_WITHOUT_ACCESS_TIME, (byte) 1);
    assertThat(other.isSameButForReading(inode(EXTRA_WITHOUT_ACCESS_TIME))).isFalse();
  }
}
