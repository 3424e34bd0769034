package io.lamina.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.BlockDevice;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a volume holds is named, whether it can be opened or not. */
class VolumeFileSystemTest {
  private final Volume volume = new Volume(1 << 20);

  private static final class Volume implements BlockDevice {
    private final byte[] bytes;

    Volume(int byteCount) {
      bytes = new byte[byteCount];
    }

    void put(int offset, String latin1) {
      byte[] text = latin1.getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(text, 0, bytes, offset, text.length);
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void read(long offset, ByteBuffer target) {
      target.put(bytes, (int) offset, target.remaining());
    }

    @Override
    public String name() {
      return "volume";
    }

    @Override
    public void close() {}
  }

  @Test
  void anExtFileSystemIsToldByItsFeatures() throws IOException {
    volume.put(1024 + 0x38, "S\u00ef");
    volume.put(1024 + 0x78, "my label");
    volume.put(1024 + 0x68, "0123456789abcdef");
    volume.bytes[1024 + 5] = 4; // 1,024 blocks of 1 KiB
    assertThat(VolumeFileSystem.probe(volume))
        .contains(
            new FileSystemInfo(
                "ext2", "my label", "30313233-3435-3637-3839-616263646566", 1 << 20));
    volume.bytes[1024 + 0x5c] = 4;
    assertThat(VolumeFileSystem.probe(volume).orElseThrow().kind()).isEqualTo("ext3");
    volume.bytes[1024 + 0x60] = 0x40;
    assertThat(VolumeFileSystem.probe(volume).orElseThrow().kind()).isEqualTo("ext4");
  }

  @Test
  void otherFileSystemsAreNamed() throws IOException {
    volume.put(0, "XFSB");
    volume.bytes[6] = 0x10; // 4 KiB
    volume.bytes[14] = 1; // 256 of them
    volume.put(108, "disk");
    assertThat(VolumeFileSystem.probe(volume))
        .contains(new FileSystemInfo("xfs", "disk", "", 1 << 20));
    assertThatThrownBy(() -> VolumeFileSystem.open(volume))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("xfs");
    assertKind(0x10040, "_BHRfS_M", "btrfs");
    assertKind(4086, "SWAPSPACE2", "swap");
    assertKind(0x218, "LVM2 001", "LVM2_member");
    assertKind(0, "LUKS\u00ba\u00be", "crypto_LUKS");
    assertKind(3, "NTFS    ", "ntfs");
    assertKind(510, "U\u00aa", "dos");
  }

  private static void assertKind(int offset, String magic, String kind) throws IOException {
    Volume other = new Volume(1 << 17);
    other.put(offset, magic);
    assertThat(VolumeFileSystem.probe(other).orElseThrow().kind()).isEqualTo(kind);
  }

  @Test
  void anEmptyVolumeIsCalledEmpty() throws IOException {
    for (int byteCount : new int[] {0, 100, 5000, 1 << 20}) {
      Volume empty = new Volume(byteCount);
      assertThat(VolumeFileSystem.probe(empty)).isEmpty();
      assertThatThrownBy(() -> VolumeFileSystem.open(empty)).hasMessageContaining("empty");
    }
  }
}
