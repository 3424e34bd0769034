/**
 * What a mountable tree is. Everything that can be shown is a {@link io.lamina.fs.FileTree}; who
 * shows it (the FUSE adapter, a copy to the host, a tar stream) knows nothing below that.
 */
@NullMarked
package io.lamina.fs;

import org.jspecify.annotations.NullMarked;
