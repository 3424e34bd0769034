package io.lamina.mount;

import io.lamina.block.BlockDevice;
import io.lamina.block.MemoryDevice;
import io.lamina.fs.FileTree;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import io.lamina.fuse.MemoryNode;
import io.lamina.fuse.MemoryTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A volume with one file, which counts how often it is opened. */
final class FakeVolume implements Volume {
  static final byte[] CONTENT = "content\n".getBytes(StandardCharsets.UTF_8);
  final AtomicInteger openings = new AtomicInteger();
  final AtomicInteger sizings = new AtomicInteger();
  final AtomicInteger closings = new AtomicInteger();
  private final int id;
  private final byte[] bytes;

  FakeVolume(int id, byte[] bytes) {
    this.id = id;
    this.bytes = bytes;
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public String name() {
    return "v" + id;
  }

  @Override
  public boolean isWritable() {
    return false;
  }

  @Override
  public long mappedBytes() {
    return bytes.length;
  }

  @Override
  public BlockDevice device() throws IOException {
    sizings.incrementAndGet();
    return new MemoryDevice(bytes, name());
  }

  @Override
  public FileTree openFiles() throws IOException {
    openings.incrementAndGet();
    if (id < 0) {
      throw new IOException("ext4 superblock at block 0: magic: expected 61267, found 0");
    }
    return new CountedTree(MemoryNode.directory().with("file", MemoryNode.file(CONTENT)), closings);
  }

  private record CountedTree(Node root, AtomicInteger closings) implements FileTree {
    @Override
    public TreeSpace space() {
      return MemoryTree.SPACE;
    }

    @Override
    public void close() {
      closings.incrementAndGet();
    }
  }
}
