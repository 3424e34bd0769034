package io.lamina.fuse.protocol;

import io.lamina.fs.Attributes;
import io.lamina.fs.Timestamp;
import io.lamina.fs.TreeSpace;
import java.nio.ByteBuffer;

/** The structures of replies that more than one request uses. */
final class Wire {
  /** {@code fuse_out_header}: length, error, the request's unique number. */
  static final int REPLY_HEADER_BYTES = 16;

  static final int ATTR_BYTES = 88;
  static final int ATTR_OUT_BYTES = 16 + ATTR_BYTES;
  static final int ENTRY_OUT_BYTES = 40 + ATTR_BYTES;
  static final int OPEN_OUT_BYTES = 16;
  static final int STATFS_BYTES = 80;

  private static final int FOPEN_DIRECT_IO = 1;
  private static final int FOPEN_KEEP_CACHE = 1 << 1;
  private static final int FOPEN_PARALLEL_DIRECT_WRITES = 1 << 6;

  /** How long the kernel may keep what it was told: nobody else changes these trees. */
  static final long LASTING_SECONDS = 86_400;

  /**
   * How long it may keep the attributes of a directory that changes by itself, beside what it is
   * told in notices: every path through the directory asks for them.
   */
  private static final long BRIEF_SECONDS = 1;

  private static final int PREFERRED_BLOCK_BYTES = 4096;

  private Wire() {}

  static void replyHeader(ByteBuffer reply, int byteCount, int error, long unique) {
    reply.putInt(0, byteCount);
    reply.putInt(4, error);
    reply.putLong(8, unique);
  }

  /** {@code fuse_attr}. */
  static void attr(ByteBuffer out, int at, Attributes a) {
    out.putLong(at, a.inodeNr());
    out.putLong(at + 8, a.size());
    out.putLong(at + 16, a.sectorCount());
    time(out, at + 24, at + 48, a.accessTime());
    time(out, at + 32, at + 52, a.modificationTime());
    time(out, at + 40, at + 56, a.changeTime());
    out.putInt(at + 60, a.mode());
    out.putInt(at + 64, a.linkCount());
    out.putInt(at + 68, (int) a.userId());
    out.putInt(at + 72, (int) a.groupId());
    out.putInt(at + 76, deviceNumber(a.deviceMajor(), a.deviceMinor()));
    out.putInt(at + 80, PREFERRED_BLOCK_BYTES);
    out.putInt(at + 84, 0);
  }

  private static void time(ByteBuffer out, int secondsAt, int nanosAt, Timestamp time) {
    out.putLong(secondsAt, time.seconds());
    out.putInt(nanosAt, time.nanos());
  }

  /** The 32-bit form of a device number: 12 bits of major number amid 20 of minor. */
  static int deviceNumber(int major, int minor) {
    return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
  }

  static int majorNumber(int device) {
    return (device >> 8) & 0xfff;
  }

  static int minorNumber(int device) {
    return (device & 0xff) | ((device >>> 12) & 0xf_ff00);
  }

  /** {@code fuse_open_out}. */
  static void openOut(ByteBuffer out, int at, long handle, boolean direct) {
    out.putLong(at, handle);
    out.putInt(at + 8, direct ? FOPEN_DIRECT_IO | FOPEN_PARALLEL_DIRECT_WRITES : FOPEN_KEEP_CACHE);
    out.putInt(at + 12, 0);
  }

  /** {@code fuse_attr_out}. */
  static void attrOut(ByteBuffer out, Attributes a, boolean lasting) {
    out.putLong(0, attributeSeconds(a, lasting));
    out.putLong(8, 0);
    attr(out, 16, a);
  }

  private static long attributeSeconds(Attributes a, boolean lasting) {
    if (lasting) {
      return LASTING_SECONDS;
    }
    return a.isDirectory() ? BRIEF_SECONDS : 0;
  }

  /** {@code fuse_entry_out}. */
  static void entryOut(ByteBuffer out, int at, long nodeId, Attributes a, boolean lasting) {
    out.putLong(at, nodeId);
    out.putLong(at + 8, 0); // generation: a node's number is never used again
    out.putLong(at + 16, LASTING_SECONDS);
    out.putLong(at + 24, attributeSeconds(a, lasting));
    out.putLong(at + 32, 0);
    attr(out, at + 40, a);
  }

  /** A {@code fuse_entry_out} that names no node. */
  static void noEntryOut(ByteBuffer out, int at, long validSeconds) {
    for (int i = 0; i < ENTRY_OUT_BYTES; i += Long.BYTES) {
      out.putLong(at + i, 0);
    }
    out.putLong(at + 16, validSeconds);
  }

  /** {@code fuse_kstatfs}. */
  static void statfs(ByteBuffer out, TreeSpace space) {
    out.putLong(0, space.blockCount());
    out.putLong(8, space.freeBlockCount());
    out.putLong(16, space.availableBlockCount());
    out.putLong(24, space.fileCount());
    out.putLong(32, space.freeFileCount());
    out.putInt(40, space.blockBytes());
    out.putInt(44, space.nameMaxBytes());
    out.putInt(48, space.blockBytes());
    for (int at = 52; at < STATFS_BYTES; at += Integer.BYTES) {
      out.putInt(at, 0);
    }
  }
}
