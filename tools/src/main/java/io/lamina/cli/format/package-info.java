/** How docker writes: tables, sizes, ages, and the templates of {@code --format}. */
@NullMarked
package io.lamina.cli.format;

import org.jspecify.annotations.NullMarked;
