/**
 * What docker wrote down about images, layers and containers: the layout before docker 1.10 ({@code
 * graph/}, {@code repositories-<driver>}) and since ({@code image/<driver>/}). Reads files, knows
 * nothing of trees.
 */
@NullMarked
package io.lamina.graph;

import org.jspecify.annotations.NullMarked;
