package io.lamina.ondisk;

import java.io.IOException;

/** The bytes break their format. */
public final class CorruptException extends IOException {
  private final Damage damage;

  /** Its message is the damage in one line. */
  public CorruptException(Damage damage) {
    super(damage.toString());
    this.damage = damage;
  }

  /** What is wrong, and where. */
  public Damage damage() {
    return damage;
  }
}
