package io.lamina.ondisk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A structure of fixed size, written down field by field as its specification prints it.
 *
 * <p>Fields are declared in the order of their offsets. A gap, an overlap or a wrong total is an
 * {@link IllegalStateException} when the declaring class loads: a layout that compiles and loads
 * covers every byte once.
 *
 * <p>A field is read and written at an absolute position of a buffer, whatever that buffer's own
 * byte order, position and limit say (a position past the limit is an {@link
 * IndexOutOfBoundsException}). No method handles: their calls cost most while the code is new,
 * which is all that a short command sees. Where many structures are stepped over, their array is
 * read instead: the quick compiler makes calls of what a buffer does.
 */
public final class Layout {
  private final String structure;
  private final ByteOrder order;
  private int end;

  private Layout(String structure, ByteOrder order) {
    this.structure = structure;
    this.order = order;
  }

  /** A layout whose integers are little-endian: dm-thin, ext4. */
  public static Layout littleEndian(String structure) {
    return new Layout(structure, ByteOrder.LITTLE_ENDIAN);
  }

  /** A layout whose integers are big-endian: jbd2, xfs. */
  public static Layout bigEndian(String structure) {
    return new Layout(structure, ByteOrder.BIG_ENDIAN);
  }

  /** One byte. */
  public U8 u8(String field, int offset) {
    return new U8(place(field, offset, Byte.BYTES));
  }

  /** Two bytes. */
  public U16 u16(String field, int offset) {
    return new U16(place(field, offset, Short.BYTES), order);
  }

  /** Four bytes. */
  public U32 u32(String field, int offset) {
    return new U32(place(field, offset, Integer.BYTES), order);
  }

  /** Eight bytes. */
  public U64 u64(String field, int offset) {
    return new U64(place(field, offset, Long.BYTES), order);
  }

  /** A run of bytes: a name, a UUID, an array whose elements have their own layout. */
  public Bytes bytes(String field, int offset, int byteCount) {
    return new Bytes(place(field, offset, byteCount), byteCount);
  }

  /** Bytes without a meaning to us; named, so that the layout has no gap. */
  public void unused(String field, int offset, int byteCount) {
    place(field, offset, byteCount);
  }

  /**
   * Closes the layout.
   *
   * @param byteCount the size that the specification gives
   * @return {@code byteCount}
   */
  public int size(int byteCount) {
    if (end != byteCount) {
      throw new IllegalStateException(
          structure + ": fields end at " + end + ", the structure at " + byteCount);
    }
    return byteCount;
  }

  private int place(String field, int offset, int byteCount) {
    if (offset != end) {
      throw new IllegalStateException(
          structure + "." + field + ": declared at " + offset + ", the one before ends at " + end);
    }
    end = offset + byteCount;
    return offset;
  }

  /** An 8-bit field. */
  public static final class U8 {
    private final int offset;

    private U8(int offset) {
      this.offset = offset;
    }

    /** Reads it from the structure at {@code base}, unsigned. */
    public int get(ByteBuffer buffer, int base) {
      return buffer.get(base + offset) & 0xff;
    }

    /** As {@link #get(ByteBuffer, int)}, of an array. */
    public int get(byte[] bytes, int base) {
      return bytes[base + offset] & 0xff;
    }

    /** Writes its low 8 bits. */
    public void put(ByteBuffer buffer, int base, int value) {
      buffer.put(base + offset, (byte) value);
    }
  }

  /** A 16-bit field. */
  public static final class U16 {
    private final int offset;
    private final ByteOrder order;

    private U16(int offset, ByteOrder order) {
      this.offset = offset;
      this.order = order;
    }

    /** Reads it from the structure at {@code base}, unsigned. */
    public int get(ByteBuffer buffer, int base) {
      short stored = buffer.getShort(base + offset);
      return (buffer.order() == order ? stored : Short.reverseBytes(stored)) & 0xffff;
    }

    /** As {@link #get(ByteBuffer, int)}, of an array. */
    public int get(byte[] bytes, int base) {
      int first = bytes[base + offset] & 0xff;
      int second = bytes[base + offset + 1] & 0xff;
      return order == ByteOrder.LITTLE_ENDIAN ? second << 8 | first : first << 8 | second;
    }

    /** Writes its low 16 bits. */
    public void put(ByteBuffer buffer, int base, int value) {
      short bits = (short) value;
      buffer.putShort(base + offset, buffer.order() == order ? bits : Short.reverseBytes(bits));
    }
  }

  /** A 32-bit field. */
  public static final class U32 {
    private final int offset;
    private final ByteOrder order;

    private U32(int offset, ByteOrder order) {
      this.offset = offset;
      this.order = order;
    }

    /** Reads it as a number, unsigned. */
    public long get(ByteBuffer buffer, int base) {
      return bits(buffer, base) & 0xffff_ffffL;
    }

    /** As {@link #get(ByteBuffer, int)}, of an array. */
    public long get(byte[] bytes, int base) {
      int at = base + offset;
      int bits =
          order == ByteOrder.LITTLE_ENDIAN
              ? (bytes[at] & 0xff)
                  | (bytes[at + 1] & 0xff) << 8
                  | (bytes[at + 2] & 0xff) << 16
                  | bytes[at + 3] << 24
              : bytes[at] << 24
                  | (bytes[at + 1] & 0xff) << 16
                  | (bytes[at + 2] & 0xff) << 8
                  | (bytes[at + 3] & 0xff);
      return bits & 0xffff_ffffL;
    }

    /** Reads it as 32 bits: flags, checksums. */
    public int bits(ByteBuffer buffer, int base) {
      int stored = buffer.getInt(base + offset);
      return buffer.order() == order ? stored : Integer.reverseBytes(stored);
    }

    /** Writes its low 32 bits. */
    public void put(ByteBuffer buffer, int base, long value) {
      int bits = (int) value;
      buffer.putInt(base + offset, buffer.order() == order ? bits : Integer.reverseBytes(bits));
    }
  }

  /** A 64-bit field. */
  public static final class U64 {
    private final int offset;
    private final ByteOrder order;

    private U64(int offset, ByteOrder order) {
      this.offset = offset;
      this.order = order;
    }

    /** Reads it; numbers above {@link Long#MAX_VALUE} come out negative. */
    public long get(ByteBuffer buffer, int base) {
      long stored = buffer.getLong(base + offset);
      return buffer.order() == order ? stored : Long.reverseBytes(stored);
    }

    /** Writes it. */
    public void put(ByteBuffer buffer, int base, long value) {
      buffer.putLong(base + offset, buffer.order() == order ? value : Long.reverseBytes(value));
    }
  }

  /** A run of bytes. */
  public static final class Bytes {
    private final int offset;
    private final int byteCount;

    private Bytes(int offset, int byteCount) {
      this.offset = offset;
      this.byteCount = byteCount;
    }

    /** Where the run starts, from the start of the structure. */
    public int offset() {
      return offset;
    }

    /** How long it is. */
    public int byteCount() {
      return byteCount;
    }

    /** Reads a copy of it. */
    public byte[] get(ByteBuffer buffer, int base) {
      byte[] copy = new byte[byteCount];
      buffer.get(base + offset, copy);
      return copy;
    }

    /**
     * Writes it; what {@code value} lacks becomes zero.
     *
     * @throws IllegalArgumentException when {@code value} is longer than the field
     */
    public void put(ByteBuffer buffer, int base, byte[] value) {
      if (value.length > byteCount) {
        throw new IllegalArgumentException(value.length + " bytes in a field of " + byteCount);
      }
      buffer.put(base + offset, value);
      for (int i = value.length; i < byteCount; i++) {
        buffer.put(base + offset + i, (byte) 0);
      }
    }
  }
}
