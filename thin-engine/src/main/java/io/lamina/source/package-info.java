/** Where a pool is found. */
@NullMarked
package io.lamina.source;

import org.jspecify.annotations.NullMarked;
