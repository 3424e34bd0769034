package io.lamina.fs;

/** Makes the nodes of one tree anew, for whoever keeps their numbers in place of them. */
@FunctionalInterface
public interface NodeSource {
  /** A node that equals the one whose {@link NodeKey} said so; reads nothing. */
  Node node(int number, int generation);
}
