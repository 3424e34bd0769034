/**
 * The structures of ext2, ext3 and ext4 as they lie on disk: bytes only, nothing is read from a
 * device here.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/index.html">ext4 data
 *     structures and algorithms</a>
 */
@NullMarked
package io.lamina.ext4.format;

import org.jspecify.annotations.NullMarked;
