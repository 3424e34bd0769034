/**
 * Metadata blocks of 4 KiB: read and verified once, cached, changed by transactions. What lies in
 * them (B-tree nodes, bitmaps) is known to the packages below.
 */
@NullMarked
package io.lamina.persist;

import org.jspecify.annotations.NullMarked;
