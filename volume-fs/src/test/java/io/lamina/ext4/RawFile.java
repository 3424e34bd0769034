package io.lamina.ext4;

import io.lamina.ext4.format.RawInode;
import io.lamina.ondisk.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The least of a file that a test needs: one extent, in the inode or in a block below it, laid down
 * byte by byte; each of its blocks filled with one number.
 */
final class RawFile {
  private static final int MAGIC = 0xf30a;
  private static final int HEADER_BYTES = 12;
  private static final int EXTENT_BYTES = 12;

  private final Files files;
  private final Writing writing;
  private final int blockBytes;

  RawFile(Files files) throws IOException {
    this.files = files;
    this.writing = files.requireWriting();
    this.blockBytes = files.volume().geometry().blockBytes();
  }

  /** Gives an empty file content. */
  void fill(Handle handle, WritableInode inode, int blockCount, boolean isDeep, int number)
      throws IOException {
    long goal = files.volume().geometry().firstDataBlockNr();
    Run run = writing.blocks().allocate(handle, goal, blockCount, handle.reservation());
    byte[] content = new byte[(int) run.blockCount() * blockBytes];
    ByteBuffer numbers = ByteBuffer.wrap(content);
    while (numbers.hasRemaining()) {
      numbers.putInt(number);
    }
    files.volume().writable().write(run.blockNr() * blockBytes, ByteBuffer.wrap(content));
    handle.orderData(() -> {});
    RawInode raw = inode.raw();
    long taken = run.blockCount();
    if (isDeep) {
      long leafNr = writing.blocks().allocateOne(handle, goal);
      int seed = inode.seed();
      boolean sums = files.volume().checksums().isOn();
      int most = (blockBytes - HEADER_BYTES) / EXTENT_BYTES;
      ByteBuffer leaf = handle.fresh(leafNr, block -> seal(block, most, seed, sums));
      header(leaf, 0, 1, most, 0);
      extent(leaf, HEADER_BYTES, run);
      header(raw.bytes(), RawInode.BLOCK_OFFSET, 1, 4, 1);
      int index = RawInode.BLOCK_OFFSET + HEADER_BYTES;
      raw.bytes().putInt(index, 0).putInt(index + 4, (int) leafNr).putInt(index + 8, 0);
      taken += files.volume().geometry().clusterBlocks();
    } else {
      header(raw.bytes(), RawInode.BLOCK_OFFSET, 1, 4, 0);
      extent(raw.bytes(), RawInode.BLOCK_OFFSET + HEADER_BYTES, run);
    }
    raw.setSize(run.blockCount() * blockBytes);
    raw.setBlocks(taken * (blockBytes / 512));
    inode.store(handle);
  }

  private static void seal(ByteBuffer block, int most, int seed, boolean sums) {
    if (sums) {
      int tail = HEADER_BYTES + most * EXTENT_BYTES;
      block.putInt(tail, Crc32c.of(seed, block, 0, tail));
    }
  }

  private static void header(ByteBuffer bytes, int base, int entries, int most, int depth) {
    bytes.putShort(base, (short) MAGIC);
    bytes.putShort(base + 2, (short) entries);
    bytes.putShort(base + 4, (short) most);
    bytes.putShort(base + 6, (short) depth);
  }

  private static void extent(ByteBuffer bytes, int base, Run run) {
    bytes.putInt(base, 0);
    bytes.putShort(base + 4, (short) run.blockCount());
    bytes.putShort(base + 6, (short) 0);
    bytes.putInt(base + 8, (int) run.blockNr());
  }

  /** Takes a file's content away. */
  void empty(Handle handle, WritableInode inode) throws IOException {
    RawInode raw = inode.raw();
    ByteBuffer node = raw.bytes();
    int base = RawInode.BLOCK_OFFSET;
    if (node.getShort(base + 2) == 0) {
      return;
    }
    long leafNr = 0;
    if (node.getShort(base + 6) == 1) {
      leafNr = node.getInt(base + HEADER_BYTES + 4) & 0xffff_ffffL;
      node = files.volume().block(leafNr).bytes();
      base = 0;
    }
    int count = node.getShort(base + HEADER_BYTES + 4);
    long blockNr = node.getInt(base + HEADER_BYTES + 8) & 0xffff_ffffL;
    writing.blocks().free(handle, blockNr, count, false);
    if (leafNr != 0) {
      writing.blocks().free(handle, leafNr, 1, true);
    }
    raw.bytes().put(RawInode.BLOCK_OFFSET, new byte[RawInode.BLOCK_BYTES]);
    header(raw.bytes(), RawInode.BLOCK_OFFSET, 0, 4, 0);
    raw.setSize(0);
    raw.setBlocks(0);
    inode.store(handle);
  }

  /** The number that a file is filled with, 0 for an empty one; fails on anything mixed. */
  static int number(Ext4 tree, String name) throws IOException {
    try (var file = tree.root().child(io.lamina.fs.Name.of(name)).open()) {
      byte[] content = new byte[(int) file.size()];
      file.read(0, ByteBuffer.wrap(content));
      if (content.length == 0) {
        return 0;
      }
      int[] numbers = new int[content.length / Integer.BYTES];
      ByteBuffer.wrap(content).order(ByteOrder.BIG_ENDIAN).asIntBuffer().get(numbers);
      if (!Arrays.stream(numbers).allMatch(number -> number == numbers[0])) {
        throw new IOException(name + " holds another's bytes");
      }
      return numbers[0];
    }
  }
}
