/** Layers and images as tar streams, in and out. */
@NullMarked
package io.lamina.layer.archive;

import org.jspecify.annotations.NullMarked;
