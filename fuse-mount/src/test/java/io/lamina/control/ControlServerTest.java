package io.lamina.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ControlServerTest {
  private static final int MANY_BYTES = 5 << 20;

  @TempDir Path temp;
  private final BlockingQueue<String> problems = new LinkedBlockingQueue<>();
  private final CountDownLatch held = new CountDownLatch(1);
  private Path metadata = Path.of("");
  private UnixDomainSocketAddress address = UnixDomainSocketAddress.of("");
  private ControlServer server;

  @BeforeEach
  void start() throws IOException {
    metadata = Files.createFile(temp.resolve("metadata"));
    server = ControlServer.start(metadata, this::run);
    address = SocketPlace.existing(metadata).get(0);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    assertThat(SocketPlace.existing(metadata)).isEmpty();
  }

  /** The commands of this test. */
  private int run(Call call, Caller caller) {
    try (OutputStream out = caller.out()) {
      switch (call.arguments().get(0)) {
        case "echo" -> {
          out.write(String.join(" ", call.arguments()).getBytes(StandardCharsets.ISO_8859_1));
          caller.err().write("said".getBytes(StandardCharsets.US_ASCII));
          return 7;
        }
        case "copy" -> caller.in().transferTo(out);
        case "much" -> out.write(new byte[MANY_BYTES]);
        case "held" -> {
          caller.setMayWait(false);
          out.write(new byte[MANY_BYTES]);
          out.write(1);
          held.countDown();
        }
        default -> throw new IllegalStateException("a bug");
      }
      return 0;
    } catch (IOException e) {
      problems.add(String.valueOf(e.getMessage()));
      return 3;
    }
  }

  private static Call call(String... arguments) {
    return new Call("/", false, false, List.of(arguments));
  }

  private int ask(InputStream in, OutputStream out, String... arguments) throws IOException {
    try (ControlClient client = ControlClient.find(metadata).orElseThrow()) {
      return client.call(call(arguments), in, out, out);
    }
  }

  private void answers() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ask(InputStream.nullInputStream(), out, "echo", "a\u00ff", "")).isEqualTo(7);
    assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo("echo a\u00ff said");
  }

  private SocketChannel connected(byte... sent) throws IOException {
    SocketChannel channel = SocketChannel.open(address);
    try {
      channel.write(ByteBuffer.wrap(sent));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Reads until the other side has cut the line. */
  private static void awaitEnd(SocketChannel channel) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(1 << 16);
    try {
      while (channel.read(target) >= 0) {
        target.clear();
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  @Test
  void aCommandHasItsArgumentsOutputsAndExitCode() throws IOException {
    answers();
  }

  @Test
  void onlyThisUserCanReachTheSocket() throws IOException {
    Path path = address.getPath();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void inputOfAnyLengthIsPassedOn() throws IOException {
    byte[] content = new byte[MANY_BYTES];
    new Random(1).nextBytes(content);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ask(new ByteArrayInputStream(content), out, "copy")).isZero();
    assertThat(out.toByteArray()).isEqualTo(content);
  }

  @Test
  void aCommandThatMustNotWaitDoesNotWaitForItsReader() throws Exception {
    try (SocketChannel channel = connected()) {
      Frames frames = new Frames(channel);
      frames.greet();
      frames.write(FrameKind.CALL, call("held").encoded());
      held.await(); // and nothing was read
      frames.expectGreeting();
      int count = 0;
      Frames.Frame frame = frames.read();
      while (frame.kind() == FrameKind.OUT) {
        count += frame.content().remaining();
        frame = frames.read();
      }
      assertThat(count).isEqualTo(MANY_BYTES + 1);
      assertThat(frame.kind()).isEqualTo(FrameKind.EXIT);
    }
  }

  @Test
  void garbageCostsTheSenderHisConnectionOnly() throws IOException {
    byte[] greeting = "lamina1\n".getBytes(StandardCharsets.US_ASCII);
    List<byte[]> garbage = new ArrayList<>();
    garbage.add("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    garbage.add(with(greeting, 'c', 0x7f, 0xff, 0xff, 0xff));
    garbage.add(with(greeting, 'c', 0xff, 0xff, 0xff, 0xff));
    garbage.add(with(greeting, 'c', 0, 0, 0, 0));
    garbage.add(with(greeting, 'c', 0, 0, 0, 2, 0, 'x'));
    garbage.add(with(greeting, 'z', 0, 0, 0, 0));
    garbage.add(with(greeting, 'i', 0, 0, 0, 0));
    garbage.add(with(greeting, 'c', 0, 0, 0, 7, 0, '/', 0, 'b', 'u', 'g', 0));
    for (byte[] sent : garbage) {
      try (SocketChannel channel = connected(sent)) {
        awaitEnd(channel);
      }
      answers();
    }
    Random random = new Random(2);
    for (int i = 0; i < 200; i++) {
      byte[] sent = new byte[random.nextInt(64) + 1];
      random.nextBytes(sent);
      try {
        connected(random.nextBoolean() ? with(greeting, 'c', 0, 0, 0, sent.length) : sent).close();
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("Broken pipe"); // too many at a time
      }
    }
    answersOnceOthersHaveGone();
  }

  private static byte[] with(byte[] start, int... rest) {
    byte[] all = Arrays.copyOf(start, start.length + rest.length);
    for (int i = 0; i < rest.length; i++) {
      all[start.length + i] = (byte) rest[i];
    }
    return all;
  }

  @Test
  void thoseWhoSayNothingAreBoundedInNumber() throws IOException {
    List<SocketChannel> silent = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      silent.add(connected());
    }
    assertThatThrownBy(this::answers).isInstanceOf(IOException.class);
    for (SocketChannel channel : silent) {
      channel.close();
    }
    answersOnceOthersHaveGone();
  }

  private void answersOnceOthersHaveGone() {
    while (true) {
      try {
        answers();
        return;
      } catch (IOException e) {
        Thread.onSpinWait(); // until their ends were heard of
      }
    }
  }

  @Test
  void aCommandHearsThatItsCallerHasGone() throws Exception {
    try (SocketChannel channel = connected()) {
      Frames frames = new Frames(channel);
      frames.greet();
      frames.write(FrameKind.CALL, call("copy").encoded());
      frames.expectGreeting();
      assertThat(frames.read().kind()).isEqualTo(FrameKind.WANT_INPUT);
    }
    assertThat(problems.take()).contains("gone away");
    try (SocketChannel channel = connected()) {
      Frames frames = new Frames(channel);
      frames.greet();
      frames.write(FrameKind.CALL, call("much").encoded());
      frames.expectGreeting();
      frames.read();
    }
    assertThat(problems.take()).contains("gone away");
    answers();
  }

  @Test
  void theEndOfTheServerEndsCommandsThatWaitForTheirCaller() throws Exception {
    try (SocketChannel channel = connected()) {
      Frames frames = new Frames(channel);
      frames.greet();
      frames.write(FrameKind.CALL, call("copy").encoded());
      frames.expectGreeting();
      assertThat(frames.read().kind()).isEqualTo(FrameKind.WANT_INPUT);
      server.close();
      assertThat(problems).hasSize(1);
    }
  }

  @Test
  void aSocketThatAKilledProcessLeftIsSeenAndRemoved() throws IOException {
    server.close();
    try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(address);
    }
    assertThat(address.getPath()).exists();
    assertThat(ControlClient.find(metadata)).isEmpty();
    server = ControlServer.start(metadata, this::run);
    answers();
  }
}
