/** What two devices, or a data block and its devices, have to do with each other. */
@NullMarked
package io.lamina.thin.compare;

import org.jspecify.annotations.NullMarked;
