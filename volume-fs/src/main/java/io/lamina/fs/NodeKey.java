package io.lamina.fs;

/**
 * What a node can be made anew from. Two nodes of one source are equal when their numbers and
 * generations are.
 *
 * @param source makes it; one object for all nodes of a tree, and no other tree's
 * @param number unsigned
 * @param generation tells one use of a number from the next
 */
public record NodeKey(NodeSource source, int number, int generation) {}
