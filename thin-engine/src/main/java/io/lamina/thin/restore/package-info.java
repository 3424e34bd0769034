/** Writes new metadata from a stream: B-trees from the bottom up, space maps that fit exactly. */
@NullMarked
package io.lamina.thin.restore;

import org.jspecify.annotations.NullMarked;
