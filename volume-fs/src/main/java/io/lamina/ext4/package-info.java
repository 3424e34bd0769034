/**
 * The files of an ext2, ext3 or ext4 volume, read.
 *
 * <p>Bytes come from a {@link io.lamina.block.BlockDevice} and are not trusted: what cannot be is a
 * {@link io.lamina.ondisk.CorruptException} of the object that says it, in bounded time and memory;
 * the rest of the volume stays readable. Reading takes no locks: what was parsed is immutable and
 * kept in bounded caches, and two threads that miss at the same time both read.
 */
@NullMarked
package io.lamina.ext4;

import org.jspecify.annotations.NullMarked;
