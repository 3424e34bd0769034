package io.lamina.ondisk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayoutTest {
  @Test
  void refusesAGap() {
    Layout layout = Layout.littleEndian("thing");
    layout.u32("first", 0);
    assertThatThrownBy(() -> layout.u32("second", 5)).hasMessageContaining("thing.second");
  }

  @Test
  void refusesAnOverlap() {
    Layout layout = Layout.littleEndian("thing");
    layout.u64("first", 0);
    assertThatThrownBy(() -> layout.u32("second", 4)).hasMessageContaining("thing.second");
  }

  @Test
  void refusesAWrongTotal() {
    Layout layout = Layout.littleEndian("thing");
    layout.u64("first", 0);
    assertThatThrownBy(() -> layout.size(12)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void readsAnArrayAsItReadsTheBufferAroundIt() {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {0, (byte) 0xfe, (byte) 0xdc, (byte) 0xba, 7});
    for (Layout layout : List.of(Layout.littleEndian("little"), Layout.bigEndian("big"))) {
      Layout.U8 one = layout.u8("one", 0);
      Layout.U16 two = layout.u16("two", 1);
      assertThat(one.get(bytes.array(), 1)).isEqualTo(one.get(bytes, 1));
      assertThat(two.get(bytes.array(), 1)).isEqualTo(two.get(bytes, 1));
    }
    Layout.U32 little = Layout.littleEndian("little").u32("four", 0);
    Layout.U32 big = Layout.bigEndian("big").u32("four", 0);
    assertThat(little.get(bytes.array(), 1)).isEqualTo(little.get(bytes, 1));
    assertThat(big.get(bytes.array(), 1)).isEqualTo(big.get(bytes, 1));
  }

  @Test
  void readsWhatItWroteInItsOwnByteOrder() {
    Layout.U32 little = Layout.littleEndian("little").u32("field", 0);
    Layout.U32 big = Layout.bigEndian("big").u32("field", 0);
    ByteBuffer bytes = ByteBuffer.allocate(8);
    little.put(bytes, 2, 0xfedcba98L);
    assertThat(bytes.get(2)).isEqualTo((byte) 0x98);
    assertThat(little.get(bytes, 2)).isEqualTo(0xfedcba98L);
    assertThat(big.get(bytes, 2)).isEqualTo(0x98badcfeL);
  }
}
