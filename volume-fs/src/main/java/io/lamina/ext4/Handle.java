package io.lamina.ext4;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One operation on a volume: what it changes reaches the disk together. To be used by one thread,
 * and closed before it waits for anything else.
 *
 * <p>What is changed is seen by readers at once. There is no way back: whatever can fail for want
 * of room, or because of what is found on disk, is asked before the first change.
 */
final class Handle implements AutoCloseable {
  private final Journal journal;
  private final Volume volume;
  private final Transaction transaction;
  private final int credits;
  private final BlockReservation reservation;
  private boolean closed;

  Handle(
      Journal journal,
      Volume volume,
      Transaction transaction,
      int credits,
      BlockReservation reservation) {
    this.journal = journal;
    this.volume = volume;
    this.transaction = transaction;
    this.credits = credits;
    this.reservation = reservation;
  }

  /** The transaction it belongs to: what {@link Journal#commit} takes. */
  int id() {
    return transaction.id();
  }

  /** Blocks that this handle may allocate without asking. */
  BlockReservation reservation() {
    return reservation;
  }

  /**
   * The newest image of a block of metadata, to be changed in place until the handle is closed.
   * Whoever changes it has read it before, and so verified it, and puts its checksum in.
   */
  ByteBuffer modify(long blockNr) throws IOException {
    return image(blockNr).bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** As {@link #modify(long)}; the checksum is put in once, when the transaction is committed. */
  ByteBuffer modify(long blockNr, Sealer sealer) throws IOException {
    ByteBuffer bytes = modify(blockNr);
    transaction.sealers().put(blockNr, sealer);
    return bytes;
  }

  private MetadataBlock image(long blockNr) throws IOException {
    MetadataBlock own = transaction.images().get(blockNr);
    if (own != null) {
      return own;
    }
    synchronized (journal.copying(blockNr)) {
      own = transaction.images().get(blockNr);
      return own != null ? own : adopt(volume.block(blockNr).copy());
    }
  }

  /**
   * Readers see it first: another handle finds it among the transaction's images without a lock,
   * and what that one changes in it must not be looked for in the image before.
   */
  private MetadataBlock adopt(MetadataBlock image) {
    volume.pending().put(image);
    transaction.images().put(image.blockNr(), image);
    return image;
  }

  /** A block that has just been allocated for metadata: zeroes, whatever lay there. */
  ByteBuffer fresh(long blockNr) {
    synchronized (journal.copying(blockNr)) {
      transaction.revoked().remove(blockNr);
      transaction.sealers().remove(blockNr);
      MetadataBlock image = MetadataBlock.blank(blockNr, volume.geometry().blockBytes());
      return adopt(image).bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** As {@link #fresh(long)}; the checksum is put in once, when the transaction is committed. */
  ByteBuffer fresh(long blockNr, Sealer sealer) {
    ByteBuffer bytes = fresh(blockNr);
    transaction.sealers().put(blockNr, sealer);
    return bytes;
  }

  /** A block of metadata has been freed: its content means nothing any more. */
  void forget(long blockNr) {
    synchronized (journal.copying(blockNr)) {
      transaction.images().remove(blockNr);
      transaction.sealers().remove(blockNr);
      transaction.revoked().add(blockNr);
      volume.forget(blockNr);
    }
  }

  /** File data to be written before this transaction is committed; the same object counts once. */
  void orderData(Transaction.OrderedData data) {
    transaction.ordered().add(data);
  }

  /** Clusters that are handed out again once the transaction is durable. */
  void freed(FreedRun run) {
    transaction.freed().add(run);
  }

  /** Runs something once the transaction is durable. */
  void afterCommit(Runnable action) {
    transaction.afterCommit().add(action);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      reservation.close();
      journal.closed(transaction, credits);
    }
  }
}
