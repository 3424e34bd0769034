package io.lamina.cli.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.graph.ContainerPort;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortListTest {
  private static ContainerPort port(int number, String protocol) {
    return new ContainerPort(number, protocol, "", 0);
  }

  private static ContainerPort port(int number, String address, int hostNumber) {
    return new ContainerPort(number, "tcp", address, hostNumber);
  }

  @Test
  void neighboursOfOneProtocolAreJoined() {
    assertThat(PortList.of(List.of())).isEmpty();
    assertThat(PortList.of(List.of(port(80, "tcp"), port(53, "udp")))).isEqualTo("53/udp, 80/tcp");
    assertThat(
            PortList.of(
                List.of(port(82, "tcp"), port(80, "tcp"), port(81, "udp"), port(81, "tcp"))))
        .isEqualTo("80-82/tcp, 81/udp");
  }

  @Test
  void aRangeThatEndedComesBeforeThoseThatDidNot() {
    assertThat(PortList.of(List.of(port(1, "udp"), port(2, "tcp"), port(4, "tcp"))))
        .isEqualTo("2/tcp, 1/udp, 4/tcp");
  }

  @Test
  void otherNumbersOnTheHostComeLast() {
    assertThat(
            PortList.of(
                List.of(
                    port(80, "0.0.0.0", 8080),
                    port(80, "::", 8080),
                    port(443, "0.0.0.0", 443),
                    port(444, "0.0.0.0", 444),
                    port(443, "tcp"))))
        .isEqualTo("443/tcp, 0.0.0.0:443-444->443-444/tcp, 0.0.0.0:8080->80/tcp, :::8080->80/tcp");
  }
}
