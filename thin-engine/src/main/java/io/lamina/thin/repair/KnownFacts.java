package io.lamina.thin.repair;

/**
 * What is known of a pool from elsewhere, should its superblock be lost; 0 for what is not.
 *
 * @param dataBlockBytes size of a data block
 * @param dataBytes size of the data device
 * @param transactionId the number that belongs to whoever manages the pool
 */
public record KnownFacts(int dataBlockBytes, long dataBytes, long transactionId) {
  /** Nothing. */
  public static final KnownFacts NONE = new KnownFacts(0, 0, 0);
}
