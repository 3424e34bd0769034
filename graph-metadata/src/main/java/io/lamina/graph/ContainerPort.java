package io.lamina.graph;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A port that a container offers.
 *
 * @param number of the container's own
 * @param protocol {@code tcp}, {@code udp} or {@code sctp}
 * @param hostAddress on which the host offers it; empty where it does not
 * @param hostNumber of the host's; 0 where it does not offer it
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/container/view.go">view.go</a>
 */
public record ContainerPort(int number, String protocol, String hostAddress, int hostNumber) {
  /** The highest number of a port. */
  static final int MAX_NUMBER = 65_535;

  /** Those of a record's {@code NetworkSettings.Ports}, in no order. */
  static List<ContainerPort> of(JsonObject ports) throws IOException {
    List<ContainerPort> all = new ArrayList<>();
    for (String port : ports.fields().keySet()) {
      int slash = port.indexOf('/');
      String protocol = slash < 0 ? "tcp" : port.substring(slash + 1);
      int number = number(ports, port, slash < 0 ? port : port.substring(0, slash));
      List<JsonObject> bindings = ports.objects(port);
      for (JsonObject binding : bindings) {
        int hostNumber = number(ports, port, binding.text("HostPort"));
        all.add(new ContainerPort(number, protocol, binding.text("HostIp"), hostNumber));
      }
      if (bindings.isEmpty()) {
        all.add(new ContainerPort(number, protocol, "", 0));
      }
    }
    return all;
  }

  private static int number(JsonObject ports, String port, String digits) throws IOException {
    if (digits.matches("[0-9]{1,5}") && Integer.parseInt(digits) <= MAX_NUMBER) {
      return Integer.parseInt(digits);
    }
    throw new IOException(ports + ": " + port + ": expected a port, found '" + digits + "'");
  }
}
