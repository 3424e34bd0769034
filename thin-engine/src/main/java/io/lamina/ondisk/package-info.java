/** Bytes as others defined them: layouts, checksums, and what it means when they are wrong. */
@NullMarked
package io.lamina.ondisk;

import org.jspecify.annotations.NullMarked;
