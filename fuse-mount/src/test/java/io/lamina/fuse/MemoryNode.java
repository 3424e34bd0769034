package io.lamina.fuse;

import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A file in memory, with every attribute free to set, and able to fail as it is told. */
public class MemoryNode implements Node {
  private static final AtomicLong LAST_INODE = new AtomicLong(1000);

  public final FileType type;
  public final long inodeNr = LAST_INODE.incrementAndGet();
  public final Map<Name, MemoryNode> children = new LinkedHashMap<>();
  public final Map<Name, byte[]> xattrs = new LinkedHashMap<>();
  public final AtomicInteger openCount = new AtomicInteger();
  public byte[] content = new byte[0];
  public int permissions = 0644;
  public long userId = 0;
  public long groupId = 0;
  public int deviceMajor = 0;
  public int deviceMinor = 0;
  public int flags = 0;
  public int version = 0;
  public int projectId = 0;
  public int linkCount = 1;
  public Timestamp time = Timestamp.EPOCH;
  private List<Map.Entry<Name, MemoryNode>> order = List.of();

  public MemoryNode(FileType type) {
    this.type = type;
    if (type == FileType.DIRECTORY) {
      permissions = 0755;
      linkCount = 2;
    }
  }

  public static MemoryNode directory() {
    return new MemoryNode(FileType.DIRECTORY);
  }

  public static MemoryNode file(byte[] content) {
    MemoryNode file = new MemoryNode(FileType.REGULAR);
    file.content = content;
    return file;
  }

  public MemoryNode with(String name, MemoryNode child) {
    return with(Name.of(name), child);
  }

  public MemoryNode with(Name name, MemoryNode child) {
    children.put(name, child);
    return this;
  }

  @Override
  public Attributes attributes() throws IOException {
    return new Attributes(
        inodeNr,
        type,
        permissions,
        linkCount,
        userId,
        groupId,
        content.length,
        (content.length + 511) / 512,
        deviceMajor,
        deviceMinor,
        time,
        time,
        time);
  }

  @Override
  public Node child(Name name) throws IOException {
    return children.get(name);
  }

  @Override
  public synchronized void list(long cookie, EntryVisitor visitor) throws IOException {
    if (order.size() != children.size()) {
      order = new ArrayList<>(children.entrySet());
    }
    int start = (int) Math.min(cookie, order.size());
    for (int i = start; i < order.size(); i++) {
      MemoryNode child = order.get(i).getValue();
      long next = i + 1 == order.size() ? Long.MAX_VALUE : i + 1; // as ext4 of the kernel's
      if (!visitor.entry(order.get(i).getKey(), child.inodeNr, child.type, next)) {
        return;
      }
    }
  }

  @Override
  public OpenFile open() throws IOException {
    openCount.incrementAndGet();
    return new OpenMemory();
  }

  @Override
  public Name readLink() throws IOException {
    if (type != FileType.SYMLINK) {
      throw new FsException(Errno.EINVAL, "not a link");
    }
    return Name.ofBytes(content);
  }

  @Override
  public List<Name> xattrNames() {
    return List.copyOf(xattrs.keySet());
  }

  @Override
  public byte[] xattr(Name name) throws IOException {
    return xattrs.get(name);
  }

  @Override
  public int version() {
    return version;
  }

  @Override
  public int projectId() {
    return projectId;
  }

  @Override
  public int flags() throws IOException {
    return flags;
  }

  private final class OpenMemory implements OpenFile {
    @Override
    public long size() {
      return content.length;
    }

    @Override
    public int read(long offset, ByteBuffer target) {
      if (offset >= content.length) {
        return 0;
      }
      int byteCount = (int) Math.min(target.remaining(), content.length - offset);
      target.put(content, (int) offset, byteCount);
      return byteCount;
    }

    /** Data is what is not zero. */
    @Override
    public long nextData(long offset) {
      long at = offset;
      while (at < content.length && content[(int) at] == 0) {
        at++;
      }
      return at;
    }

    @Override
    public long nextHole(long offset) {
      long at = offset;
      while (at < content.length && content[(int) at] != 0) {
        at++;
      }
      return at;
    }

    @Override
    public void close() {
      openCount.decrementAndGet();
    }
  }
}
