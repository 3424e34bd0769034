/** Whole images as archives that docker and others read, out of a docker root and into one. */
@NullMarked
package io.lamina.layer.image;

import org.jspecify.annotations.NullMarked;
