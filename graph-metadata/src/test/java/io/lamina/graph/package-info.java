@NullMarked
package io.lamina.graph;

import org.jspecify.annotations.NullMarked;
