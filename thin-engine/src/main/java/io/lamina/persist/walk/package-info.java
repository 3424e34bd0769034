/**
 * Whole metadata, node after node: for what looks at everything once (checks, dumps), and so wants
 * large reads and no cache.
 */
@NullMarked
package io.lamina.persist.walk;

import org.jspecify.annotations.NullMarked;
