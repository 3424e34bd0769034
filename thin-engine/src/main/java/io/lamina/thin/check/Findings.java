package io.lamina.thin.check;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.thin.Leak;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Counts what is found, and keeps the first of each kind. */
final class Findings {
  private final int maxShown;
  private final Consumer<Leak> leaks;
  private final Map<Finding, Long> totals = new EnumMap<>(Finding.class);
  private final Map<Finding, List<Damage>> shown = new EnumMap<>(Finding.class);
  private boolean isBlind;

  Findings(int maxShown, Consumer<Leak> leaks) {
    this.maxShown = maxShown;
    this.leaks = leaks;
    for (Finding kind : Finding.values()) {
      totals.put(kind, 0L);
      shown.put(kind, new ArrayList<>());
    }
  }

  void add(Finding kind, Supplier<Damage> damage) {
    totals.merge(kind, 1L, Long::sum);
    List<Damage> list = shown.getOrDefault(kind, List.of());
    if (list.size() < maxShown) {
      list.add(damage.get());
    }
  }

  void addLeak(Finding kind, Leak leak, Supplier<Damage> damage) {
    add(kind, damage);
    leaks.accept(leak);
  }

  void add(Damage damage) {
    add(Finding.DAMAGE, () -> damage);
  }

  /** Something that cannot be read: what it refers to is not known. */
  void addUnreadable(CorruptException problem) {
    isBlind = true;
    add(problem.damage());
  }

  /** Whether references may exist that were not seen. */
  boolean isBlind() {
    return isBlind;
  }

  Map<Finding, Long> totals() {
    return totals;
  }

  List<Damage> shown() {
    List<Damage> all = new ArrayList<>();
    shown.values().forEach(all::addAll);
    return all;
  }
}
