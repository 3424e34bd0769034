/**
 * What docker keeps of a layer's tar beside its files, so that the same bytes can be put together
 * again.
 */
@NullMarked
package io.lamina.graph.tarsplit;

import org.jspecify.annotations.NullMarked;
