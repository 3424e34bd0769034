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

  /** A write, or a flush of a range: without bytes. */
  private static final class Event {
    private final long offset;
    private final long end;
    private final byte[] bytes;

    Event(long offset, long end, byte[] bytes) {
      this.offset = offset;
      this.end = end;
      this.bytes = bytes;
    }

    boolean isFlush() {
      return bytes.length == 0;
    }

    boolean covers(Event write) {
      return offset <= write.offset && write.offset < end;
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
    private final List<Event> unflushed = new ArrayList<>();
    private int done;

    /**
     * What was flushed, and of each sector written since any of its versions, the old one too.
     *
     * @param moment how many writes and flushes had been done
     */
    byte[] at(int moment, Random random) {
      for (; done < moment; done++) {
        Event event = events.get(done);
        if (event.isFlush()) {
          flush(event);
        } else {
          unflushed.add(event);
        }
      }
      byte[] found = stable.clone();
      int share = random.nextInt(4); // sometimes all of it is there, sometimes nothing
      for (Event event : unflushed) {
        for (int at = 0; at < event.bytes.length; at += SECTOR_BYTES) {
          if (random.nextInt(3) < share) {
            copy(event, at, Math.min(SECTOR_BYTES, event.bytes.length - at), found);
          }
        }
      }
      return found;
    }

    private void flush(Event flush) {
      for (Event write : unflushed) {
        if (flush.covers(write)) {
          copy(write, 0, write.bytes.length, stable);
        }
      }
      unflushed.removeIf(flush::covers);
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
      events.add(new Event(offset, offset + bytes.length, bytes));
    }
  }

  @Override
  public void flush() {
    flush(0, seen.length);
  }

  private synchronized void flush(long from, long to) {
    events.add(new Event(from, to, new byte[0]));
  }

  /** A part of it as a device of its own, which is flushed without the rest. */
  WritableDevice part(long from, long length) {
    return new Part(from, length);
  }

  private final class Part implements WritableDevice {
    private final long from;
    private final long length;

    Part(long from, long length) {
      this.from = from;
      this.length = length;
    }

    @Override
    public long size() {
      return length;
    }

    @Override
    public void read(long offset, ByteBuffer target) {
      RecordingDevice.this.read(from + offset, target);
    }

    @Override
    public void write(long offset, ByteBuffer source) {
      RecordingDevice.this.write(from + offset, source);
    }

    @Override
    public void flush() {
      RecordingDevice.this.flush(from, from + length);
    }

    @Override
    public void discard(long offset, long count) {
      zero(offset, count);
    }

    @Override
    public void zero(long offset, long count) {
      RecordingDevice.this.zero(from + offset, count);
    }

    @Override
    public String name() {
      return "part of the recorded at " + from;
    }

    @Override
    public void close() {
      // it is looked at afterwards
    }
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
