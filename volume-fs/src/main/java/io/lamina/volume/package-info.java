/** What file system a volume holds, whichever it is, and the way to its files. */
@NullMarked
package io.lamina.volume;

import org.jspecify.annotations.NullMarked;
