/** Digests of much data. */
@NullMarked
package io.lamina.digest;

import org.jspecify.annotations.NullMarked;
