/** A command of one process, run in the process that has the pool open. */
@NullMarked
package io.lamina.control;

import org.jspecify.annotations.NullMarked;
