package io.lamina.fuse.protocol;

/**
 * How a tree is served.
 *
 * @param kernelChecksAccess whether the kernel checks modes and access control lists; then it keeps
 *     the lists too, and need not ask for them at each {@code ls -l}
 * @param ownUserId who runs this, and so may do with a tree what only root may else
 */
public record ServerOptions(boolean kernelChecksAccess, int ownUserId) {}
