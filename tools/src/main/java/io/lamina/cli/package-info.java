/** The {@code lamina} command: one class a subcommand, each a page of help and a call below. */
@NullMarked
package io.lamina.cli;

import org.jspecify.annotations.NullMarked;
