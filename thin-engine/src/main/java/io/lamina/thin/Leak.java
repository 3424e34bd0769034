package io.lamina.thin;

/**
 * A block that is counted more often than it is referred to.
 *
 * @param isOfData whether it is a data block, else one of the metadata
 * @param blockNr its number
 * @param references how often it is referred to
 */
public record Leak(boolean isOfData, long blockNr, long references) {}
