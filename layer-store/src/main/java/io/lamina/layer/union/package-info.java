/** Directories laid over each other and shown as one, by the rules of aufs or of overlayfs. */
@NullMarked
package io.lamina.layer.union;

import org.jspecify.annotations.NullMarked;
