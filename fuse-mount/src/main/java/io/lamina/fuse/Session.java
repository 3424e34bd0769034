package io.lamina.fuse;

import io.lamina.fs.EntryListener;
import io.lamina.fuse.FuseDevice.Memory;

/** Who answers a mount's requests. */
interface Session extends EntryListener {
  /** One thread's share of the work, with buffers of its own. */
  Worker worker();

  /** After the last request: closes what is open of the tree. */
  void letGo();

  /**
   * After the last request: closes what is open, and gives back everything, the open device too.
   */
  void close();

  /** Answers requests, one after the other. */
  @FunctionalInterface
  interface Worker {
    /** Answers a request, whatever happens. */
    void answer(Memory request);
  }
}
