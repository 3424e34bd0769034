/**
 * The mounted tree, put together from a pool's volumes, and the life of a mount: the checks before
 * it, its options, its end, and what is left of one whose process was killed.
 */
@NullMarked
package io.lamina.mount;

import org.jspecify.annotations.NullMarked;
