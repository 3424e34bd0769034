package io.lamina.ext4.journal;

/**
 * What a replay found in the log.
 *
 * @param firstTransactionId the oldest transaction that was not yet known to be in place
 * @param transactionCount how many transactions from there on were complete, 0 for a clean log
 * @param blockCount how many blocks of the volume are now read from the log
 * @param revokeCount how many revoke records those transactions hold
 * @param fastCommitTagCount how many changes the fast commits behind the last transaction hold
 */
public record ReplaySummary(
    long firstTransactionId,
    long transactionCount,
    long blockCount,
    long revokeCount,
    long fastCommitTagCount) {}
