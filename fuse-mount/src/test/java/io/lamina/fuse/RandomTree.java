package io.lamina.fuse;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Timestamp;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** A tree of every kind of file, with whatever attributes come up. */
final class RandomTree {
  private static final FileType[] TYPES = FileType.values();
  private final Random random;

  RandomTree(Random random) {
    this.random = random;
  }

  MemoryNode root() {
    MemoryNode root = MemoryNode.directory();
    fill(root, 4);
    return root;
  }

  private void fill(MemoryNode directory, int depth) {
    int count = random.nextInt(25);
    for (int i = 0; i < count; i++) {
      FileType type = TYPES[random.nextInt(TYPES.length)];
      MemoryNode child = new MemoryNode(type);
      attributes(child);
      if (type == FileType.DIRECTORY && depth > 0) {
        fill(child, depth - 1);
      }
      directory.with(name(i), child);
    }
  }

  private Name name(int nr) {
    byte[] tail = new byte[random.nextInt(30)];
    for (int i = 0; i < tail.length; i++) {
      byte b = (byte) (1 + random.nextInt(255));
      tail[i] = b == '/' || b == '|' ? (byte) 0xe4 : b;
    }
    String safe = random.nextBoolean() ? "" : new String(tail, StandardCharsets.ISO_8859_1);
    return Name.ofLatin1("n" + nr + safe);
  }

  private void attributes(MemoryNode node) {
    node.permissions = random.nextInt(010000);
    node.userId = random.nextInt() & 0xffff_fffeL;
    node.groupId = random.nextInt() & 0xffff_fffeL;
    node.linkCount = 1 + random.nextInt(100);
    node.deviceMajor = random.nextInt(4096);
    node.deviceMinor = random.nextInt(1 << 20);
    long seconds = random.nextLong(-(1L << 31), 1L << 34);
    node.time = new Timestamp(seconds, random.nextInt(1_000_000_000));
    switch (node.type) {
      case REGULAR -> node.content = bytes(random.nextInt(10) == 0 ? 400_000 : 5000);
      case SYMLINK -> node.content = ("t" + random.nextLong()).getBytes(StandardCharsets.UTF_8);
      default -> node.content = new byte[0];
    }
  }

  private byte[] bytes(int limit) {
    byte[] bytes = new byte[random.nextInt(limit)];
    random.nextBytes(bytes);
    return bytes;
  }
}
