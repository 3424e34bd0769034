package io.lamina.cli.format;

import io.lamina.graph.ContainerPort;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The ports of a container on one line: {@code 0.0.0.0:8080->80/tcp}. Neighbours of one protocol
 * that have the same number on the host, or none, are joined: {@code 1000-1002/udp}.
 *
 * @see <a
 *     href="https://github.com/docker/cli/blob/v20.10.24/cli/command/formatter/container.go">container.go</a>
 */
public final class PortList {
  private static final Comparator<ContainerPort> ORDER =
      Comparator.comparingInt(ContainerPort::number)
          .thenComparing(ContainerPort::hostAddress)
          .thenComparingInt(ContainerPort::hostNumber)
          .thenComparing(ContainerPort::protocol);

  private final List<String> ranges = new ArrayList<>();
  private final List<String> mappings = new ArrayList<>();

  /** The range that may still grow, by where it is offered. */
  private final Map<Offer, Range> open = new LinkedHashMap<>();

  private PortList() {}

  /** In docker's order: ranges that ended, those that did not, then other numbers on the host. */
  public static String of(List<ContainerPort> ports) {
    PortList list = new PortList();
    ports.stream().sorted(ORDER).forEach(list::add);
    list.open.forEach(list::end);
    list.ranges.addAll(list.mappings);
    return String.join(", ", list.ranges);
  }

  private record Offer(String hostAddress, String protocol) {}

  private record Range(int first, int last) {
    @Override
    public String toString() {
      return first == last ? Integer.toString(first) : first + "-" + last;
    }
  }

  private void add(ContainerPort port) {
    int number = port.number();
    if (!port.hostAddress().isEmpty() && port.hostNumber() != number) {
      mappings.add(
          port.hostAddress() + ":" + port.hostNumber() + "->" + number + "/" + port.protocol());
      return;
    }
    Offer offer = new Offer(port.hostAddress(), port.protocol());
    Range range = open.get(offer);
    if (range != null && number == range.last + 1) {
      open.put(offer, new Range(range.first, number));
      return;
    }
    if (range != null) {
      end(offer, range);
    }
    open.put(offer, new Range(number, number));
  }

  private void end(Offer offer, Range range) {
    String there = offer.hostAddress.isEmpty() ? "" : offer.hostAddress + ":" + range + "->";
    ranges.add(there + range + "/" + offer.protocol);
  }
}
