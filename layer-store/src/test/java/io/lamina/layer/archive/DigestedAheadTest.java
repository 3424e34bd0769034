package io.lamina.layer.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.digest.Sha256;
import io.lamina.images.Await;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestedAheadTest {
  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5000, 1 << 18, (1 << 18) + 1, 1 << 20, 3_000_000})
  void givesAndDigestsAllOfAStream(int count) throws Exception {
    byte[] all = bytes(count);
    MessageDigest digest = Sha256.start();
    try (DigestedAhead ahead = new DigestedAhead(new ByteArrayInputStream(all), digest)) {
      assertThat(ahead.readAllBytes()).isEqualTo(all);
      assertThat(ahead.read()).isEqualTo(-1);
    }
    assertThat(digest.digest()).isEqualTo(Sha256.start().digest(all));
  }

  @Test
  void failsWhereTheStreamDoesAsTheStreamDoes() throws Exception {
    IOException problem = new IOException("gone");
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw problem;
          }

          @Override
          public int read(byte[] target, int from, int length) throws IOException {
            throw problem;
          }
        };
    InputStream in = new SequenceInputStream(new ByteArrayInputStream(bytes(1 << 18)), failing);
    try (DigestedAhead ahead = new DigestedAhead(in, Sha256.start())) {
      assertThat(ahead.readNBytes(1 << 18)).isEqualTo(bytes(1 << 18));
      assertThatThrownBy(ahead::read).isSameAs(problem);
      assertThatThrownBy(ahead::read).isSameAs(problem);
    }
  }

  @Test
  void readsNoMoreOnceClosed() throws Exception {
    byte[] all = bytes(8 << 20);
    ByteArrayInputStream in = new ByteArrayInputStream(all);
    try (DigestedAhead ahead = new DigestedAhead(in, Sha256.start())) {
      assertThat(ahead.readNBytes(100)).isEqualTo(Arrays.copyOf(all, 100));
    }
    Await.until("its thread ends", () -> !isReadAhead());
    int left = in.available();
    assertThat(left).isPositive();
    assertThat(in.readNBytes(10)).hasSize(10); // it is open
    assertThat(in.available()).isEqualTo(left - 10);
  }

  private static boolean isReadAhead() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("read ahead"));
  }
}
