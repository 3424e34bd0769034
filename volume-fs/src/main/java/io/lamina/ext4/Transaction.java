package io.lamina.ext4;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;

/**
 * Changes that reach the disk together, or not at all. While it runs, many handles add to it; once
 * it is committing, its images do not change any more.
 */
final class Transaction {
  /** File data that must be on the device before the transaction is. */
  @FunctionalInterface
  interface OrderedData {
    /** Writes what is not written yet; it must not start a handle. */
    void write() throws IOException;
  }

  private final int id;
  private final ConcurrentMap<Long, MetadataBlock> images = new ConcurrentHashMap<>();
  private final ConcurrentMap<Long, Sealer> sealers = new ConcurrentHashMap<>();
  private final Set<Long> revoked = ConcurrentHashMap.newKeySet();
  private final Set<OrderedData> ordered = ConcurrentHashMap.newKeySet();
  private final Queue<FreedRun> freed = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> afterCommit = new ConcurrentLinkedQueue<>();

  /** Guarded by the journal's lock, as is all below. */
  private int openHandles;

  private int promisedBlocks;
  private boolean closing;

  Transaction(int id) {
    this.id = id;
  }

  int id() {
    return id;
  }

  ConcurrentMap<Long, MetadataBlock> images() {
    return images;
  }

  ConcurrentMap<Long, Sealer> sealers() {
    return sealers;
  }

  /** Blocks whose older images in the log must not be replayed. */
  Set<Long> revoked() {
    return revoked;
  }

  Set<OrderedData> ordered() {
    return ordered;
  }

  /** Clusters that it frees. */
  Queue<FreedRun> freed() {
    return freed;
  }

  Queue<Runnable> afterCommit() {
    return afterCommit;
  }

  /** Lets each block's checksum be put in. */
  void seal() {
    sealers.forEach(
        (blockNr, sealer) -> {
          MetadataBlock image = images.get(blockNr);
          if (image != null) {
            sealer.seal(image.bytes());
          }
        });
  }

  /** Its images in the order of the disk. */
  List<MetadataBlock> imagesInOrder() {
    List<MetadataBlock> sorted = new ArrayList<>(images.values());
    sorted.sort((a, b) -> Long.compare(a.blockNr(), b.blockNr()));
    return sorted;
  }

  boolean isEmpty() {
    return images.isEmpty() && revoked.isEmpty() && ordered.isEmpty() && afterCommit.isEmpty();
  }

  /** Blocks it holds, and those that its open handles may still add. */
  int blockCount() {
    return images.size() + promisedBlocks;
  }

  void open(int credits) {
    openHandles++;
    promisedBlocks += credits;
  }

  void closed(int credits) {
    openHandles--;
    promisedBlocks -= credits;
  }

  boolean hasOpenHandles() {
    return openHandles > 0;
  }

  /** No handle may join any more. */
  void close() {
    closing = true;
  }

  boolean isClosing() {
    return closing;
  }
}
