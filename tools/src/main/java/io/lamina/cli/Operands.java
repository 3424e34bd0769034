package io.lamina.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * The operands of a command on a pool: the pool's directory comes first, unless options name the
 * pool.
 */
final class Operands {
  private final List<String> names;
  private final List<String> given;

  /**
   * Takes those of one command.
   *
   * @param command its only positional parameter is called after all operands, a space between
   * @param poolIsNamed whether options name the pool
   * @throws ParameterException when there are more or fewer
   */
  Operands(CommandSpec command, List<String> given, boolean poolIsNamed) {
    List<String> all = List.of(command.positionalParameters().get(0).paramLabel().split(" ", -1));
    this.names = poolIsNamed ? all.subList(1, all.size()) : all;
    this.given = given;
    if (given.size() != names.size()) {
      throw new ParameterException(
          command.commandLine(), "expected " + String.join(" ", names) + missing(all));
    }
  }

  private String missing(List<String> all) {
    return given.size() == all.size() ? ": options name the pool" : "";
  }

  /** One operand, one character a byte; null where it is the pool, and options name that. */
  @Nullable String pool(String name) {
    return names.get(0).equals(name) ? given.get(0) : null;
  }

  /** One operand, one character a byte. */
  String get(String name) {
    return given.get(names.indexOf(name));
  }
}
