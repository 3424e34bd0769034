/**
 * Small real images and what the kernel saw in them. For tests alone: nothing that ships depends on
 * this package, and it depends on nothing of Lamina.
 */
@NullMarked
package io.lamina.images;

import org.jspecify.annotations.NullMarked;
