/**
 * Shows a {@link io.lamina.fs.FileTree} at a directory. All jnr-fuse code is here, and nothing here
 * knows what kind of tree it shows.
 *
 * <p>Java threads read the kernel's requests themselves: on threads that libfuse makes, each
 * callback attaches to the JVM and detaches again, at half the throughput and four times the work.
 */
@NullMarked
package io.lamina.fuse;

import org.jspecify.annotations.NullMarked;
