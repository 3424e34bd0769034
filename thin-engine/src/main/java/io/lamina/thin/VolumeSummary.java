package io.lamina.thin;

/**
 * A thin device, as a list shows it.
 *
 * @param id its number in the pool
 * @param name its name, or its number in decimal where it has none
 * @param mappedBlocks data blocks mapped, shared ones included
 * @param createdIn transaction that created it
 * @param creationTime pool time at its creation
 * @param snapshottedTime pool time of the last snapshot taken of it
 */
public record VolumeSummary(
    int id,
    String name,
    long mappedBlocks,
    long createdIn,
    int creationTime,
    int snapshottedTime) {}
