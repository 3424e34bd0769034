package io.lamina.layer.union;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The one hold on a branch's file that stands for all holds on the union's. */
final class BranchHold {
  @GuardedBy("this")
  private int count;

  @GuardedBy("this")
  private Node.@Nullable Hold branch;

  /** One more hold on what is shown by a file of a branch. */
  Node.Hold take(Node shown) throws IOException {
    synchronized (this) {
      if (count == 0) {
        branch = shown.hold();
      }
      count++;
    }
    AtomicBoolean open = new AtomicBoolean(true);
    return () -> {
      if (open.getAndSet(false)) {
        release();
      }
    };
  }

  private void release() throws IOException {
    Node.Hold last = null;
    synchronized (this) {
      count--;
      if (count == 0) {
        last = branch;
        branch = null;
      }
    }
    if (last != null) {
      last.close();
    }
  }

  /** From now on, another branch's file is shown. */
  synchronized void move(Node shown) throws IOException {
    Node.Hold old = branch;
    if (count > 0) {
      branch = shown.hold();
      if (old != null) {
        old.close();
      }
    }
  }

  synchronized boolean isTaken() {
    return count > 0;
  }
}
