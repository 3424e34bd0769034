/** Looks at every block of a pool's metadata and says what is wrong; changes nothing. */
@NullMarked
package io.lamina.thin.check;

import org.jspecify.annotations.NullMarked;
