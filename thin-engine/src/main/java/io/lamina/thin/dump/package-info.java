/** A pool's metadata as a stream: from the disk, to and from thin_dump's XML. */
@NullMarked
package io.lamina.thin.dump;

import org.jspecify.annotations.NullMarked;
