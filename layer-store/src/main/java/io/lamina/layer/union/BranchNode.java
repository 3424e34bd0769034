package io.lamina.layer.union;

import io.lamina.fs.Node;

/**
 * A file of one branch.
 *
 * @param branchNr which branch, the first being 0
 */
record BranchNode(int branchNr, Node node) {}
