package io.lamina.fs.host;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A directory while its entries are copied: they are listed a batch at a time. */
final class DirectoryWalk {
  private static final int BATCH = 1024;

  private final Node node;
  private final Attributes attributes;
  private final HostDirectory host;
  private final Deque<Name> batch = new ArrayDeque<>();
  private long cookie;
  private boolean atEnd;
  private @Nullable IOException problem;

  DirectoryWalk(Node node, Attributes attributes, HostDirectory host) {
    this.node = node;
    this.attributes = attributes;
    this.host = host;
  }

  Node node() {
    return node;
  }

  Attributes attributes() {
    return attributes;
  }

  /** Where its entries are copied to. */
  HostDirectory host() {
    return host;
  }

  /** Why the listing ended before its end; null where it did not. */
  @Nullable IOException problem() {
    return problem;
  }

  /** The next entry; null after the last, and where the rest cannot be listed. */
  @Nullable Name next() {
    if (batch.isEmpty() && !atEnd) {
      atEnd = true;
      try {
        node.list(
            cookie,
            (name, inodeNr, type, nextCookie) -> {
              if (batch.size() == BATCH) {
                atEnd = false;
                return false;
              }
              batch.add(name);
              cookie = nextCookie;
              return true;
            });
      } catch (IOException e) {
        problem = e;
        atEnd = true;
      }
    }
    return batch.poll();
  }

  /** The file that an entry names. */
  Node child(Name entry) throws IOException {
    Node child = node.child(entry);
    if (child == null) {
      throw new FsException(Errno.ENOENT, "listed but not found");
    }
    return child;
  }
}
