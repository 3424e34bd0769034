/** Tests of the kernel's protocol that need no kernel. */
@NullMarked
package io.lamina.fuse.protocol;

import org.jspecify.annotations.NullMarked;
