package io.lamina.thin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * What a volume holds: bytes, which blocks are mapped, and what each sector may also hold after a
 * power cut or an error.
 */
final class VolumeModel {
  private static final int SECTOR_BYTES = 512;

  private final int blockBytes;
  private final byte[] now;
  private final BitSet mapped;
  private byte[] certain;
  private boolean isTorn;
  private final List<Change> since = new ArrayList<>();

  /** Sectors, as they were after a change, or would have been. */
  private static final class Change {
    private final int offset;
    private final byte[] bytes;

    Change(int offset, byte[] bytes) {
      this.offset = offset;
      this.bytes = bytes;
    }
  }

  VolumeModel(int size, int blockBytes) {
    this(new byte[size], new BitSet(), blockBytes);
  }

  private VolumeModel(byte[] now, BitSet mapped, int blockBytes) {
    this.now = now;
    this.certain = now.clone();
    this.mapped = mapped;
    this.blockBytes = blockBytes;
  }

  /** A snapshot; where its origin is not certain, neither is it. */
  VolumeModel snapshot() {
    VolumeModel copy = new VolumeModel(now.clone(), (BitSet) mapped.clone(), blockBytes);
    copy.certain = certain.clone();
    copy.since.addAll(since);
    copy.isTorn = isTorn;
    return copy;
  }

  byte[] now() {
    return now;
  }

  BitSet mapped() {
    return mapped;
  }

  void write(int offset, byte[] bytes) {
    System.arraycopy(bytes, 0, now, offset, bytes.length);
    changed(offset, bytes.length);
    mapped.set(offset / blockBytes, (offset + bytes.length - 1) / blockBytes + 1);
  }

  void provision(int offset, int length) {
    mapped.set(offset / blockBytes, (offset + length - 1) / blockBytes + 1);
  }

  void discard(int offset, int length) {
    int first = (offset + blockBytes - 1) / blockBytes;
    int last = lastWhole(offset + length);
    if (first < last) {
      int end = Math.min(now.length, last * blockBytes);
      Arrays.fill(now, first * blockBytes, end, (byte) 0);
      changed(first * blockBytes, end - first * blockBytes);
      mapped.clear(first, last);
    }
  }

  void zero(int offset, int length) {
    Arrays.fill(now, offset, offset + length, (byte) 0);
    changed(offset, length);
    int first = (offset + blockBytes - 1) / blockBytes;
    int last = lastWhole(offset + length);
    if (first < last) {
      mapped.clear(first, last);
    }
  }

  private int lastWhole(int end) {
    return (end == now.length ? end + blockBytes - 1 : end) / blockBytes;
  }

  private void changed(int offset, int length) {
    int start = offset / SECTOR_BYTES * SECTOR_BYTES;
    int end =
        Math.min(now.length, (offset + length + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES);
    since.add(new Change(start, Arrays.copyOfRange(now, start, end)));
  }

  /** A write has failed: sectors may hold parts of several. */
  void becomeTorn() {
    isTorn = true;
  }

  /** All of it is on stable storage. */
  void committed() {
    certain = now.clone();
    since.clear();
  }

  /**
   * Whether these bytes can be what is found: each sector as last committed, or as some later
   * change left it.
   *
   * @return where they cannot; -1 where they can
   */
  int firstImpossible(int start, byte[] found) {
    for (int at = 0; at < found.length; ) {
      int position = start + at;
      int end = Math.min(found.length, at + SECTOR_BYTES - position % SECTOR_BYTES);
      if (!isPossible(position, found, at, end) && !(isTorn && isMixed(position, found, at, end))) {
        return position;
      }
      at = end;
    }
    return -1;
  }

  /** Byte by byte: of two writes to one sector, the first may have failed. */
  private boolean isMixed(int position, byte[] found, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!isPossible(position + i - from, found, i, i + 1)) {
        return false;
      }
    }
    return true;
  }

  private boolean isPossible(int position, byte[] found, int from, int to) {
    int length = to - from;
    if (Arrays.equals(found, from, to, certain, position, position + length)
        || Arrays.equals(found, from, to, now, position, position + length)) {
      return true;
    }
    for (Change change : since) {
      int at = position - change.offset;
      if (at >= 0
          && at + length <= change.bytes.length
          && Arrays.equals(found, from, to, change.bytes, at, at + length)) {
        return true;
      }
    }
    return false;
  }
}
