package io.lamina.fuse.protocol;

import io.lamina.fs.Name;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The names that the kernel looked up while the table of nodes was full. It keeps a window of the
 * latest; what falls out is taken from it, by a notice that the name has changed: then it forgets
 * the node, unless somebody has it open. Of directories nothing is taken, since somebody may stand
 * in them. Safe for use by many threads.
 */
final class SurplusNames {
  /** What is due is told in one go. */
  private static final int BATCH = 256;

  private static final int WINDOW = 16_384;

  /** Past this, the oldest are let be: whoever should tell the kernel does not get to it. */
  private static final int MOST = 4 * WINDOW;

  private final Deque<Entry> entries = new ArrayDeque<>();
  private final int window;
  private boolean told;

  private record Entry(long directoryId, Name name) {}

  SurplusNames() {
    this(WINDOW);
  }

  SurplusNames(int window) {
    this.window = window;
  }

  synchronized void add(long directoryId, Name name) {
    if (entries.size() == MOST) {
      entries.removeFirst();
    }
    entries.addLast(new Entry(directoryId, name));
  }

  /** Whether somebody should send {@link #takeOld}; says so once, until that is called. */
  synchronized boolean isDue() {
    boolean isDue = !told && entries.size() >= window + BATCH;
    told |= isDue;
    return isDue;
  }

  /** The notices about all that fell out of the window. */
  synchronized List<ByteBuffer> takeOld() {
    told = false; // first: whatever happens here, it is due again
    List<ByteBuffer> notices = new ArrayList<>();
    while (entries.size() > window) {
      Entry old = entries.removeFirst();
      notices.add(Notice.entryChanged(old.directoryId, old.name));
    }
    return notices;
  }
}
