package io.lamina.block;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files that this process has locked. When a process closes any descriptor of a file, the host
 * drops all locks that the process has on it: so other channels of a locked file are closed only
 * when the lock goes.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/fcntl_locking.2.html">fcntl_locking(2)</a>
 */
final class HeldLocks {
  private static final Map<Object, List<FileChannel>> waiting = new HashMap<>();

  private HeldLocks() {}

  /** The file is locked now. */
  static void add(Path path) throws IOException {
    Object key = key(path);
    synchronized (waiting) {
      if (key != null) {
        waiting.putIfAbsent(key, new ArrayList<>());
      }
    }
  }

  /** Closes the channel that has the lock, and those that waited for that. */
  static void release(Path path, FileChannel holder) throws IOException {
    List<FileChannel> closing = new ArrayList<>();
    synchronized (waiting) {
      closing.add(holder);
      List<FileChannel> others = waiting.remove(key(path));
      if (others != null) {
        closing.addAll(others);
      }
      for (FileChannel channel : closing) {
        channel.close();
      }
    }
  }

  /** Closes a channel that has no lock; later, where that would drop one. */
  static void close(Path path, FileChannel channel) throws IOException {
    synchronized (waiting) {
      List<FileChannel> others = waiting.isEmpty() ? null : waiting.get(key(path));
      if (others != null) {
        others.add(channel);
      } else {
        channel.close();
      }
    }
  }

  private static @Nullable Object key(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null; // it was deleted: nobody else can ask for it
    }
  }
}
