package io.lamina.fs;

/**
 * Whom a file belongs to.
 *
 * @param userId unsigned 32 bits
 * @param groupId unsigned 32 bits
 */
public record Owner(long userId, long groupId) {}
