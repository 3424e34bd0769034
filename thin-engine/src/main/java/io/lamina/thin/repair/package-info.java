/** Saves from damaged metadata what can still be read. */
@NullMarked
package io.lamina.thin.repair;

import org.jspecify.annotations.NullMarked;
