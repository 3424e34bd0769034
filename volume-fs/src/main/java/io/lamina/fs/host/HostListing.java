package io.lamina.fs.host;

import io.lamina.fs.EntryVisitor;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The entries of an open directory of the host; cookies are the host file system's own. */
final class HostListing {
  /** Of {@code struct linux_dirent64}. */
  private static final int NAME_OFFSET = 19;

  private final TreeCalls calls;
  private final int fd;

  HostListing(TreeCalls calls, int fd) {
    this.calls = calls;
    this.fd = fd;
  }

  /** As {@link io.lamina.fs.Node#list}. */
  void list(long cookie, EntryVisitor visitor) throws IOException {
    if (cookie != 0) {
      calls.seek(fd, cookie);
    }
    ByteBuffer shared = calls.entries(fd);
    while (shared.limit() > 0) {
      // The visitor may list another directory on this thread, into the same buffer.
      ByteBuffer own = ByteBuffer.allocate(shared.limit()).order(shared.order()).put(shared).flip();
      if (!visit(own, visitor)) {
        return;
      }
      shared = calls.entries(fd);
    }
  }

  private boolean visit(ByteBuffer entries, EntryVisitor visitor) throws IOException {
    int at = 0;
    while (at < entries.limit()) {
      int end = at + (entries.getShort(at + 16) & 0xffff);
      Name name = name(entries, at + NAME_OFFSET, end);
      if (HostNames.isOne(name)) {
        FileType type = type(name, entries.get(at + 18));
        if (type != null
            && !visitor.entry(name, entries.getLong(at), type, entries.getLong(at + 8))) {
          return false;
        }
      }
      at = end;
    }
    return true;
  }

  private static Name name(ByteBuffer entries, int from, int limit) {
    int to = from;
    while (to < limit && entries.get(to) != 0) {
      to++;
    }
    return Name.ofBytes(entries, from, to - from);
  }

  /** The type that an entry tells or, where it does not, its file; null where that is gone. */
  private @Nullable FileType type(Name name, int told) throws IOException {
    for (FileType type : FileType.values()) {
      if (type.modeBits() >> 12 == told) {
        return type;
      }
    }
    HostStat stat = calls.stat(fd, name);
    return stat == null ? null : stat.attributes().type();
  }
}
