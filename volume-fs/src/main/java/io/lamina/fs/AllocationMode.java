package io.lamina.fs;

/** What {@code fallocate} does with a range. */
public enum AllocationMode {
  /** Makes room, and the file longer where the range goes past its end. */
  EXTEND,
  /** Makes room; the length stays. */
  KEEP_SIZE,
  /** Gives the room back; the range reads as zeroes, the length stays. */
  PUNCH_HOLE,
  /** The range reads as zeroes and keeps its room; the file becomes longer where needed. */
  ZERO_RANGE,
  /** As {@link #ZERO_RANGE}, but the length stays. */
  ZERO_RANGE_KEEP_SIZE
}
