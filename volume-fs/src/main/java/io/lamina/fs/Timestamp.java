package io.lamina.fs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A moment of a file's life.
 *
 * @param seconds since 1970, negative before
 * @param nanos 0 to 999,999,999, later than {@code seconds}
 */
public record Timestamp(long seconds, int nanos) {
  /** 1970-01-01. */
  public static final Timestamp EPOCH = new Timestamp(0, 0);

  /** This moment. */
  public static Timestamp now() {
    Instant now = Instant.now();
    return new Timestamp(now.getEpochSecond(), now.getNano());
  }

  /** By hand: each write compares, and what a record brings goes through method handles. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Timestamp time && time.seconds == seconds && time.nanos == nanos;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(seconds) * 31 + nanos;
  }
}
