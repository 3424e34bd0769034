package io.lamina.block;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A device that can be written to. What was written is certain to outlive a power cut only once a
 * later {@link #flush} has returned.
 *
 * <p>Safe for use by many threads; two writes to the same bytes at one time leave either.
 */
public interface WritableDevice extends BlockDevice {
  /**
   * Writes the rest of a buffer; its position ends at its limit.
   *
   * @throws IOException when the range does not lie within the device, when there is no room, or
   *     when it cannot be written
   */
  void write(long offset, ByteBuffer source) throws IOException;

  /** Returns when everything written so far is on stable storage. */
  void flush() throws IOException;

  /**
   * Says that a range is no longer needed. What is read there afterwards is the old content or
   * zeroes; the device may do nothing at all, and does nothing to units it holds only in part.
   */
  void discard(long offset, long length) throws IOException;

  /** What is given back at a time: a discard does nothing to less than one such unit, aligned. */
  default int discardUnitBytes() {
    return 1;
  }

  /**
   * Whether a unit that is written to for the first time, and only in part, reads as zeroes around
   * that; else what it held before may show there.
   */
  default boolean zeroesNewUnits() {
    return true;
  }

  /**
   * How many bytes more can be written to places that hold nothing of their own yet, shared with
   * whoever else writes to the same pool; {@link Long#MAX_VALUE} where that is no question.
   */
  default long roomBytes() {
    return Long.MAX_VALUE;
  }

  /**
   * The same device for who leaves some room to others: a write of his that takes room is refused
   * where less than so many bytes would be left, and where what the device itself needs for it
   * becomes scarce. Closing it closes the device.
   */
  default WritableDevice keeping(long bytes) {
    return this;
  }

  /** Makes a range read as zeroes, giving its space back where that is possible. */
  void zero(long offset, long length) throws IOException;
}
