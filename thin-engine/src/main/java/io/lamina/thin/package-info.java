/** The pool: superblock, devices, mappings; {@link io.lamina.thin.ThinPool} is the way in. */
@NullMarked
package io.lamina.thin;

import org.jspecify.annotations.NullMarked;
