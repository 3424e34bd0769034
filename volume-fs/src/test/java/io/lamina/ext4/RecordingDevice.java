package io.lamina.ext4;

import io.lamina.block.WritableDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A device in memory that keeps all that was done to it: what a power cut at any moment would have
 * left can be made afterwards.
 */
final class RecordingDevice implements WritableDevice {
  /** Never half a superblock: the kernel too trusts the device to write those 1024 bytes whole. */
  private static final int SECTOR_BYTES = 1024;

  /** A write; a flush has no bytes. */
  private static final class Event {
    private final long offset;
    private final byte[] bytes;

    Event(long offset, byte[] bytes) {
      this.offset = offset;
      this.bytes = bytes;
    }

    boolean isFlush() {
      return bytes.length == 0;
    }
  }

  private final byte[] start;
  private final byte[] seen;
  private final List<Event> events = new ArrayList<>();

  RecordingDevice(byte[] content) {
    this.start = content.clone();
    this.seen = content;
  }

  /** How many writes and flushes there were so far. */
  synchronized int moment() {
    return events.size();
  }

  /** The moments right before and right after each flush. */
  synchronized List<Integer> flushes() {
    List<Integer> moments = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i).isFlush()) {
        moments.add(i);
        moments.add(i + 1);
      }
    }
    return moments;
  }

  /** What is found after power cuts at some moments, asked for in rising order. */
  final class Cuts {
    private final byte[] stable = start.clone();
    private int flushed;

    /**
     * What was flushed, and of each sector written since any of its versions, the old one too.
     *
     * @param moment how many writes and flushes had been done
     */
    byte[] at(int moment, Random random) {
      for (int i = flushed; i < moment; i++) {
        if (events.get(i).isFlush()) {
          apply(flushed, i);
          flushed = i + 1;
        }
      }
      byte[] found = stable.clone();
      int share = random.nextInt(4); // sometimes all of it is there, sometimes nothing
      for (int i = flushed; i < moment; i++) {
        Event event = events.get(i);
        for (int at = 0; at < event.bytes.length; at += SECTOR_BYTES) {
          if (random.nextInt(3) < share) {
            copy(event, at, Math.min(SECTOR_BYTES, event.bytes.length - at), found);
          }
        }
      }
      return found;
    }

    private void apply(int from, int to) {
      for (int i = from; i < to; i++) {
        copy(events.get(i), 0, events.get(i).bytes.length, stable);
      }
    }

    private void copy(Event event, int at, int count, byte[] target) {
      System.arraycopy(event.bytes, at, target, (int) event.offset + at, count);
    }
  }

  @Override
  public long size() {
    return seen.length;
  }

  @Override
  public synchronized void read(long offset, ByteBuffer target) {
    target.put(seen, (int) offset, target.remaining());
  }

  @Override
  public synchronized void write(long offset, ByteBuffer source) {
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    if (bytes.length > 0) {
      System.arraycopy(bytes, 0, seen, (int) offset, bytes.length);
      events.add(new Event(offset, bytes));
    }
  }

  @Override
  public synchronized void flush() {
    events.add(new Event(0, new byte[0]));
  }

  @Override
  public void discard(long offset, long length) {
    zero(offset, length);
  }

  @Override
  public void zero(long offset, long length) {
    write(offset, ByteBuffer.allocate((int) length));
  }

  @Override
  public String name() {
    return "recorded";
  }

  @Override
  public void close() throws IOException {
    // it is looked at afterwards
  }
}
