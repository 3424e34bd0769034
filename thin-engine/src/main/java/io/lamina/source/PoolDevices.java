package io.lamina.source;

import java.nio.file.Path;

/**
 * The two devices of a pool.
 *
 * @param metadata a file or block device
 * @param data a file or block device
 */
public record PoolDevices(Path metadata, Path data) {}
