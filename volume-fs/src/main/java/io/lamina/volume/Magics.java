package io.lamina.volume;

import java.util.List;
import java.util.Optional;

/**
 * Knows what is not ext4 by the marks that it leaves at fixed places, so that a person is told what
 * was found instead.
 *
 * @see <a href="https://github.com/util-linux/util-linux/tree/master/libblkid/src/superblocks">The
 *     same in libblkid</a>
 */
final class Magics {
  /** A mark: so many bytes into the volume stand these, each char one byte. */
  private record Magic(String kind, int offset, String latin1) {}

  /** What encloses others comes before what may be enclosed. */
  private static final List<Magic> MAGICS =
      List.of(
          new Magic("crypto_LUKS", 0, "LUKS\u00ba\u00be"),
          new Magic("LVM2_member", 0x218, "LVM2 001"),
          new Magic("LVM2_member", 0x18, "LVM2 001"),
          new Magic("LVM2_member", 0x418, "LVM2 001"),
          new Magic("LVM2_member", 0x618, "LVM2 001"),
          new Magic("linux_raid_member", 0x0, "\u00fcN+\u00a9"),
          new Magic("linux_raid_member", 0x1000, "\u00fcN+\u00a9"),
          new Magic("bcache", 0x1018, "\u00c6\u0085s\u00f6N\u001aE\u00ca"),
          new Magic("bcachefs", 0x1018, "\u00c6\u0085s\u00f6f\u00ce\u0090\u00a9"),
          new Magic("squashfs", 0, "hsqs"),
          new Magic("erofs", 0x400, "\u00e2\u00e1\u00f5\u00e0"),
          new Magic("f2fs", 0x400, "\u0010 \u00f5\u00f2"),
          new Magic("nilfs2", 0x406, "44"),
          new Magic("jfs", 0x8000, "JFS1"),
          new Magic("reiserfs", 0x10034, "ReIsEr2Fs"),
          new Magic("reiserfs", 0x10034, "ReIsEr3Fs"),
          new Magic("gfs2", 0x10000, "\u0001\u0016\u0019p"),
          new Magic("iso9660", 0x8001, "CD001"),
          new Magic("udf", 0x8001, "BEA01"),
          new Magic("udf", 0x8001, "NSR02"),
          new Magic("cramfs", 0, "E=\u00cd("),
          new Magic("romfs", 0, "-rom1fs-"),
          new Magic("minix", 0x410, "\u007f\u0013"),
          new Magic("minix", 0x410, "\u008f\u0013"),
          new Magic("minix", 0x410, "h$"),
          new Magic("minix", 0x410, "x$"),
          new Magic("DM_snapshot_cow", 0, "SnAp"),
          new Magic("ntfs", 3, "NTFS    "),
          new Magic("exfat", 3, "EXFAT   "),
          new Magic("vfat", 0x52, "FAT32   "),
          new Magic("vfat", 0x36, "FAT16   "),
          new Magic("vfat", 0x36, "FAT12   "),
          new Magic("gpt", 0x200, "EFI PART"));

  private static final int[] PAGE_BYTES = {0x1000, 0x2000, 0x4000, 0x8000, 0x10000};
  private static final int XFS_BLOCK_BYTES = 4;
  private static final int XFS_BLOCKS = 8;
  private static final int XFS_UUID = 32;
  private static final int XFS_LABEL = 108;
  private static final int BTRFS = 0x10000;

  private Magics() {}

  /** What the first bytes of a volume are marked as. */
  static Optional<FileSystemInfo> find(Head head) {
    if (head.has(0, "XFSB")) {
      return Optional.of(xfs(head));
    }
    if (head.has(BTRFS + 0x40, "_BHRfS_M")) {
      return Optional.of(
          new FileSystemInfo(
              "btrfs",
              head.text(BTRFS + 0x12b, 256),
              head.uuid(BTRFS + 0x20),
              Long.reverseBytes(head.buffer(BTRFS + 0x70, Long.BYTES).getLong(0))));
    }
    for (int pageBytes : PAGE_BYTES) {
      if (head.has(pageBytes - 10, "SWAPSPACE2") || head.has(pageBytes - 10, "SWAP-SPACE")) {
        return Optional.of(new FileSystemInfo("swap", head.text(0x41c, 16), head.uuid(0x40c), 0));
      }
    }
    for (Magic magic : MAGICS) {
      if (head.has(magic.offset, magic.latin1)) {
        return Optional.of(FileSystemInfo.ofKind(magic.kind));
      }
    }
    return head.has(0x1fe, "U\u00aa")
        ? Optional.of(FileSystemInfo.ofKind("dos"))
        : Optional.empty();
  }

  private static FileSystemInfo xfs(Head head) {
    long blockBytes = head.buffer(XFS_BLOCK_BYTES, Integer.BYTES).getInt(0) & 0xffff_ffffL;
    long blocks = head.buffer(XFS_BLOCKS, Long.BYTES).getLong(0);
    boolean isSane = blocks >= 0 && blocks <= Long.MAX_VALUE / (blockBytes + 1);
    return new FileSystemInfo(
        "xfs", head.text(XFS_LABEL, 12), head.uuid(XFS_UUID), isSane ? blocks * blockBytes : 0);
  }
}
