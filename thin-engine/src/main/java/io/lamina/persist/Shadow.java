package io.lamina.persist;

import java.nio.ByteBuffer;

/**
 * A block of this transaction, open for writing until the next use of its transaction.
 *
 * @param blockNr where the copy lies: the parent must now point here
 * @param bytes the whole block; number and checksum are filled in when it is written out
 * @param childrenShared whether the original is still referenced, so children gained a parent
 */
public record Shadow(long blockNr, ByteBuffer bytes, boolean childrenShared) {}
