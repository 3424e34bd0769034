/** Work beside other work: threads that have a name and keep no process from ending. */
@NullMarked
package io.lamina.threads;

import org.jspecify.annotations.NullMarked;
