package io.lamina.layer;

/**
 * How much room a layer takes.
 *
 * @param apparentBytes lengths of the files that it changed
 * @param uniqueBytes room that would be free without it: of its directory, or of the blocks that
 *     only its device refers to
 * @param sharedBytes room that it has in common with others: of the directories below, or of the
 *     blocks that other devices refer to as well
 */
public record LayerSize(long apparentBytes, long uniqueBytes, long sharedBytes) {}
